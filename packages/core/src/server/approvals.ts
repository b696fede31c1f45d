import { type Action, defineAction, InvalidInput, type Outcome } from '../action/action.ts'
import { approvals, reject } from '../action/approval.ts'
import { localappError } from '../error/error.ts'
import { t } from '../field/t.ts'
import type { AppHandle, Settled } from '../plugin/plugin.ts'
import type { Storage } from '../storage/storage.ts'

/**
 * The user's word, and nobody else's. These are reads to the journal: what is approved runs as the one who asked for
 * it, with an entry of its own.
 */
export function approvalActions(
  { actions, announce, reader }: AppHandle,
  storage: Storage,
  settled: (event: Settled) => void,
): Action[] {
  const tell = (approval: number, outcome: Outcome): void => {
    announce([approvals.name])
    settled({ approval, outcome })
  }
  const input = { approval: t.integer({ help: 'The number of the card.' }) }
  return [
    defineAction('journal', 'approve', {
      effect: 'read',
      userOnly: true,
      description: 'Does what waits for an approval.',
      input,
      async run({ approval }) {
        const { action, input, actor: kind, actorName, turn } = reader(approvals).get(approval)
        const actor = actorName === null ? { kind } : { kind, name: actorName }
        const outcome = await actions.call(action, input, { actor, turn, approval })
        const { state } = reader(approvals).get(approval)
        if (outcome.status !== 'done' && state === 'pending') await reject(storage, approval, 'gone')
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
        await reject(storage, approval, 'rejected')
        const fix = 'Do not try it again; ask the user what to do.'
        const error = localappError('LOCALAPP_FORBIDDEN', 'The user rejected this.', fix)
        tell(approval, { status: 'failed', error })
      },
    }),
  ]
}
