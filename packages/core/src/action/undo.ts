import { type LocalappError, localappError } from '../error/error.ts'
import { t } from '../field/t.ts'
import { type Action, defineAction, type WriteContext } from './action.ts'
import type { CallEnvironment } from './call.ts'
import { entries, type Journal } from './journal.ts'

/** Undo one entry, or a whole turn: destructive, for it takes away what was made. Both are journalled, so that they can be undone. */
export function undoActions(journal: Journal, find: CallEnvironment['get']): Action[] {
  /** Takes one entry back and marks it. The mark is a change like any other, so undoing the undo removes it. */
  const takeBack = async (id: number, context: WriteContext) => {
    const { table, tx, restore } = context
    const entry = table(entries).find(id)
    if (!entry) throw notUndoable(`the journal has no entry ${id}`)
    const { input, output, summary, undone, undoable, action, effect } = entry
    if (undone) throw notUndoable(`“${summary}” was undone already`)
    if (!undoable)
      throw notUndoable(`“${summary}” was not done, reached outside the data, or says no way back`)
    const inverse = find(action)?.undo
    if (inverse) await inverse({ input: input as never, output }, context)
    else for (const change of journal.changes(id).reverse()) restore(change)
    if (effect !== 'external') table(entries).update(id, { undone: true })
    // Written raw, so that this undo has no way back: nothing tells how to do such work again.
    else await tx.updateTable(entries.name).set({ undone: 1 }).where('id', '=', id).execute()
    return summary
  }
  const inTurn = (turn: string) => journal.list({ turn, limit: 10_000 })
  const common = {
    effect: 'destructive',
    limit: 60_000,
    summary: (_input: unknown, output: string) => output,
  } as const
  return [
    defineAction('journal', 'undo', {
      ...common,
      description: 'Takes back one entry of the journal. Refused when its records have changed since.',
      input: { entry: t.integer({ help: 'The number of the entry.' }) },
      record: { table: entries, id: ({ entry }) => entry, label: ({ summary }) => String(summary) },
      run: async ({ entry }, context) => `Undid: ${await takeBack(entry, context)}`,
    }),
    defineAction('journal', 'undo-turn', {
      ...common,
      title: 'Undo all of it',
      description: 'Takes back all that one request set off, newest first, or nothing of it.',
      input: { turn: t.text({ help: 'The turn that the entries share.' }) },
      record: {
        table: entries,
        id: ({ turn }) => inTurn(turn).at(-1)?.id ?? 0,
        label: ({ summary }) => String(summary),
      },
      async run({ turn }, context) {
        const undone: string[] = []
        for (const { id } of inTurn(turn)) {
          // Read again: undoing an undo of this turn has made the older entry stand again.
          const { undone: isUndone, state } = context.table(entries).get(id)
          if (isUndone || ['asked', 'rejected', 'refused'].includes(state)) continue
          undone.push(await takeBack(id, context))
        }
        if (undone.length === 0) throw notUndoable('there is nothing left of it')
        return undone.length === 1 ? `Undid: ${undone[0]}` : `Undid ${undone.length} changes`
      },
    }),
  ]
}

function notUndoable(why: string): LocalappError {
  const fix = 'Look into the journal for what happened.'
  return localappError('LOCALAPP_NOT_UNDOABLE', `This cannot be undone: ${why}.`, fix)
}
