import {
  type AppHandle,
  a,
  actionButton,
  actorNames,
  type Content,
  div,
  type Html,
  h1,
  type JournalEntry,
  type PageRequest,
  p,
  small,
  span,
  table,
  tbody,
  td,
  th,
  thead,
  time,
  tr,
} from '@localapp/core'

const pageSize = 100

/** Who did what, newest first, with the way back. It follows the journal while it is open. */
export async function journalPage({ journal }: AppHandle, { region, query }: PageRequest): Promise<Content> {
  const before = Number(query.before) || Number.MAX_SAFE_INTEGER
  const rows = await region('journal', ['localapp_entry'], () => {
    const found = journal.list({ limit: pageSize + 1, before })
    const entries = found.slice(0, pageSize)
    const last = entries.at(-1)
    if (!last) return p('Nothing has been done yet.')
    const heads = turnHeads(entries)
    return [
      div(
        { class: 'table' },
        table(
          thead(tr(th('When'), th('Who'), th('What'), th(span({ class: 'visually-hidden' }, 'Undo')))),
          tbody(entries.map((entry) => entryRow(entry, heads.includes(entry)))),
        ),
      ),
      found.length > pageSize && p(a({ href: `/-/journal?before=${last.id}` }, 'Older')),
    ]
  })
  return [h1('Journal'), p('Who did what, and when.'), rows]
}

/** The newest entries of turns of which more than one can be taken back. */
function turnHeads(entries: readonly JournalEntry[]): JournalEntry[] {
  const turns = Map.groupBy(entries.filter(canUndo), ({ turn }) => turn)
  return [...turns.values()].flatMap(([newest, ...older]) => (newest && older.length > 0 ? newest : []))
}

export function canUndo({ undoable, undone }: JournalEntry): boolean {
  return undoable && !undone
}

function entryRow(entry: JournalEntry, isTurnHead: boolean): Html {
  const { id, actor, actorName, summary, action, turn } = entry
  const note = noteOf(entry)
  return tr(
    { id: `entry-${id}` },
    td(whenOf(entry)),
    td(actorNames[actor], actorName !== null && small(` ${actorName}`)),
    td(
      a({ href: `/-/journal/${id}` }, summary),
      ' ',
      small(action),
      note !== '' && [' ', span({ class: 'tag' }, note)],
    ),
    td(
      div(
        { class: 'actions' },
        canUndo(entry) && actionButton('journal.undo', { entry: id }, 'Undo'),
        isTurnHead && actionButton('journal.undo-turn', { turn }, 'Undo all of it'),
      ),
    ),
  )
}

export function noteOf({ undone, state, error }: JournalEntry): string {
  if (undone) return 'Undone'
  const failed = `Failed: ${error}`
  const refused = `Not done: ${error}`
  return { asked: 'Waits for you', rejected: 'Rejected', refused, begun: 'Under way', done: '', failed }[
    state
  ]
}

export function whenOf({ createdAt }: JournalEntry): Html {
  return time({ datetime: createdAt }, new Date(createdAt).toLocaleString())
}
