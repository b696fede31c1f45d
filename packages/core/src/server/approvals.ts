import { type Action, defineAction, InvalidInput, type Outcome } from '../action/action.ts'
import { approvals, cardOf, takeCard } from '../action/approval.ts'
import { localappError } from '../error/error.ts'
import { t } from '../field/t.ts'
import type { AppHandle } from '../plugin/plugin.ts'
import type { Storage } from '../storage/storage.ts'

/**
 * The user's word, and nobody else's. These are reads to the journal: what is approved runs as the one who asked for
 * it, with an entry of its own.
 */
export function approvalActions(
  { actions, announce, reader }: AppHandle,
  storage: Storage,
  settled: readonly ((approval: number, outcome: Outcome) => void)[],
): Action[] {
  const take = (approval: number): Promise<unknown> => storage.write('take', (tx) => takeCard(tx, approval))
  const tell = (approval: number, outcome: Outcome): void => {
    announce([approvals.name])
    for (const listener of settled) listener(approval, outcome)
  }
  const input = { approval: t.integer({ help: 'The number of the card.' }) }
  return [
    defineAction('journal', 'approve', {
      effect: 'read',
      userOnly: true,
      description: 'Does what waits for an approval.',
      input,
      async run({ approval }) {
        const { action, input, actor: kind, actorName, turn } = cardOf(reader(approvals), approval)
        const actor = actorName === null ? { kind } : { kind, name: actorName }
        const outcome = await actions.call(action, input, { actor, turn, approval })
        if (reader(approvals).find(approval)) await take(approval)
        tell(approval, outcome)
        if (outcome.status === 'failed') throw outcome.error
        if (outcome.status === 'invalid') throw new InvalidInput(outcome.messages)
      },
    }),
    defineAction('journal', 'reject', {
      effect: 'read',
      userOnly: true,
      description: 'Turns down what waits for an approval.',
      input,
      async run({ approval }) {
        await take(approval)
        const fix = 'Do not try it again; ask the user what to do.'
        const error = localappError('LOCALAPP_FORBIDDEN', 'The user rejected this.', fix)
        tell(approval, { status: 'failed', error })
      },
    }),
  ]
}
