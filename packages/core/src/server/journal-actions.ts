import { type Action, defineAction, InvalidInput } from '../action/action.ts'
import { approvalTopic, askedFor, entries } from '../action/journal.ts'
import { t } from '../field/t.ts'
import type { SharedHandle } from '../plugin/host.ts'

/** Looking into the journal, and the user's word: what is approved runs as the one who asked. */
export function journalActions({ actions, announce, journal, reader, write }: SharedHandle): Action[] {
  const close = async (id: number, state: 'refused' | 'rejected', error: string) =>
    await write('close', (tx) => {
      askedFor(tx.table(entries), id)
      tx.table(entries).update(id, { state, error })
    })
  const input = { approval: t.integer({ help: 'The number of the card.' }) }
  return [
    defineAction('journal', 'list', {
      effect: 'read',
      description: 'Who did what and when, newest first.',
      input: { limit: t.integer({ min: 1, max: 1000, default: 20 }) },
      run: ({ limit }) => journal.list({ limit }),
    }),
    defineAction('journal', 'actions', {
      effect: 'read',
      description: 'All actions of this app.',
      run: () =>
        actions.list().map(({ id, effect, title, description, input }) => {
          return { id, effect, title, description, fields: Object.keys(input) }
        }),
    }),
    defineAction('journal', 'approve', {
      effect: 'read',
      userOnly: true,
      description: 'Does what waits for an approval.',
      input,
      async run({ approval }) {
        const { action, input, actor: kind, actorName, turn } = askedFor(reader(entries), approval)
        const actor = actorName === null ? { kind } : { kind, name: actorName }
        const outcome = await actions.call(action, input, { actor, turn, approval })
        const error =
          outcome.status === 'invalid'
            ? new InvalidInput(outcome.messages)
            : outcome.status === 'failed' && outcome.error
        if (error && reader(entries).get(approval).state === 'asked')
          await close(approval, 'refused', `${error.message} ${error.fix}`)
        announce([approvalTopic, entries.name])
        if (error) throw error
      },
    }),
    defineAction('journal', 'reject', {
      effect: 'read',
      userOnly: true,
      description: 'Turns down what waits for an approval.',
      input,
      async run({ approval }) {
        const error = 'The user rejected this.\nDo not try it again; ask the user what to do.'
        await close(approval, 'rejected', error)
        announce([approvalTopic, entries.name])
      },
    }),
  ]
}
