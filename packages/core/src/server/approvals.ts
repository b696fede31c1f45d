import { type Action, defineAction, InvalidInput, type Outcome } from '../action/action.ts'
import { approvalTopic, askedFor } from '../action/approval.ts'
import { entries, type JournalEntry } from '../action/journal.ts'
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
  const settle = async (id: number, outcome: Outcome, patch?: Partial<JournalEntry>) => {
    if (patch)
      await storage.write('settle', (tx) => {
        askedFor(tx.table(entries), id)
        tx.table(entries).update(id, patch)
      })
    announce([approvalTopic, entries.name])
    for (const listener of settled) listener(id, outcome)
  }
  const input = { approval: t.integer({ help: 'The number of the card.' }) }
  return [
    defineAction('journal', 'approve', {
      effect: 'read',
      userOnly: true,
      description: 'Does what waits for an approval.',
      input,
      async run({ approval }) {
        const { action, input, actor: kind, actorName, turn } = askedFor(reader(entries), approval)
        const actor = actorName === null ? { kind } : { kind, name: actorName }
        const outcome = await actions.call(action, input, { actor, turn, approval })
        const isOpen = reader(entries).get(approval).state === 'asked'
        const error = errorOf(outcome)
        await settle(approval, outcome, isOpen ? { state: 'failed', error: error?.message ?? '' } : undefined)
        if (error) throw error
      },
    }),
    defineAction('journal', 'reject', {
      effect: 'read',
      userOnly: true,
      description: 'Turns down what waits for an approval.',
      input,
      async run({ approval }) {
        const fix = 'Do not try it again; ask the user what to do.'
        const error = localappError('LOCALAPP_FORBIDDEN', 'The user rejected this.', fix)
        await settle(approval, { status: 'failed', error }, { state: 'rejected' })
      },
    }),
  ]
}

function errorOf(outcome: Outcome): Error | undefined {
  if (outcome.status === 'invalid') return new InvalidInput(outcome.messages)
  return outcome.status === 'failed' ? outcome.error : undefined
}
