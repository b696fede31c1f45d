import { type LocalappError, localappError } from '../error/error.ts'
import { t } from '../field/t.ts'
import { type Action, defineAction, type WriteContext } from './action.ts'
import { entries, type Journal } from './journal.ts'

type Find = (id: string) => Action | undefined

/** Undo one entry, or a whole turn: destructive, for it takes away what was made. Both are journalled, so that they can be undone. */
export function undoActions(journal: Journal, find: Find): Action[] {
  return [
    defineAction('journal', 'undo', {
      effect: 'destructive',
      limit: 60_000,
      description: 'Takes back one entry of the journal. Refused when its records have changed since.',
      input: { entry: t.integer({ help: 'The number of the entry.' }) },
      record: { table: entries, id: ({ entry }) => entry, label: ({ summary }) => String(summary) },
      summary: (_input, output) => String(output),
      run: async ({ entry }, context) => `Undid: ${await takeBack(journal, find, entry, context)}`,
    }),
    defineAction('journal', 'undo-turn', {
      effect: 'destructive',
      limit: 60_000,
      title: 'Undo all of it',
      description: 'Takes back all that one request set off, newest first, or nothing of it.',
      input: { turn: t.text({ help: 'The turn that the entries share.' }) },
      record: {
        table: entries,
        id: ({ turn }) => journal.list({ turn, limit: 10_000 }).at(-1)?.id ?? 0,
        label: ({ summary }) => String(summary),
      },
      summary: (_input, output) => String(output),
      run: async ({ turn }, context) => {
        const undone: string[] = []
        for (const { id } of journal.list({ turn, limit: 10_000 })) {
          // Read again: undoing an undo of this turn has made the older entry stand again.
          const { undone: isUndone, state } = context.table(entries).get(id)
          if (isUndone || ['asked', 'rejected', 'refused'].includes(state)) continue
          undone.push(await takeBack(journal, find, id, context))
        }
        if (undone.length === 0) throw notUndoable('there is nothing left of it')
        return undone.length === 1 ? `Undid: ${undone[0]}` : `Undid ${undone.length} changes`
      },
    }),
  ]
}

/**
 * Takes one entry back and marks it. The mark is a change like any other, so undoing the undo removes it.
 * @returns the summary of what was taken back
 */
async function takeBack(journal: Journal, find: Find, id: number, context: WriteContext) {
  const entry = context.table(entries).find(id)
  if (!entry) throw notUndoable(`the journal has no entry ${id}`)
  const { input, output, summary, undone, undoable, action, effect } = entry
  if (undone) throw notUndoable(`“${summary}” was undone already`)
  if (!undoable) throw notUndoable(`“${summary}” was not done, reached outside the data, or says no way back`)
  const inverse = find(action)?.undo
  if (inverse) await inverse({ input: input as never, output }, context)
  else for (const change of journal.changes(id).reverse()) context.restore(change)
  const { tx, table } = context
  if (effect !== 'external') table(entries).update(id, { undone: true })
  // Written raw, so that this undo has no way back: nothing tells how to do such work again.
  else await tx.updateTable(entries.name).set({ undone: 1 }).where('id', '=', id).execute()
  return summary
}

function notUndoable(why: string): LocalappError {
  const fix = 'Look into the journal for what happened.'
  return localappError('LOCALAPP_NOT_UNDOABLE', `This cannot be undone: ${why}.`, fix)
}
