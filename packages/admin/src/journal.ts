import {
  type Action,
  type AppHandle,
  a,
  actionButton,
  actorNames,
  type Content,
  dd,
  div,
  dl,
  dt,
  type Field,
  type Fields,
  type Html,
  h1,
  h2,
  inWords,
  type JournalEntry,
  labelOf,
  type PageRequest,
  p,
  type RowChange,
  section,
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
import { backTo } from './page.ts'

const pageSize = 100
const toJournal = backTo('/-/journal', 'Journal')

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
  return [h1('Journal'), rows]
}

/** The newest entries of turns of which more than one can be taken back. */
function turnHeads(entries: readonly JournalEntry[]) {
  const turns = Map.groupBy(entries.filter(canUndo), ({ turn }) => turn)
  return [...turns.values()].flatMap(([newest, ...older]) => (newest && older.length > 0 ? newest : []))
}

function canUndo({ undoable, undone }: JournalEntry) {
  return undoable && !undone
}

function entryRow(entry: JournalEntry, isTurnHead: boolean) {
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

function noteOf({ undone, state, error }: JournalEntry) {
  if (undone) return 'Undone'
  const failed = `Failed: ${error}`
  const refused = `Not done: ${error}`
  return { asked: 'Waits for you', rejected: 'Rejected', refused, begun: 'Under way', done: '', failed }[
    state
  ]
}

function whenOf({ createdAt }: JournalEntry) {
  return time({ datetime: createdAt }, new Date(createdAt).toLocaleString())
}

/** One entry of the journal: what was asked, and each value before and after. */
export async function entryPage(app: AppHandle, { params, region }: PageRequest): Promise<Content> {
  return await region('entry', ['localapp_entry'], () => {
    const entry = app.journal.get(Number(params.entry))
    const action = app.actions.get(entry.action)
    const changes = app.journal.changes(entry.id)
    return [
      toJournal,
      h1(entry.summary),
      facts(entry, action),
      changes.map((change) => {
        const { table: name, key } = change
        const link = a({ href: `/-/journal/${name}/${key}` }, `${inWords(name)} ${key}`)
        return section(h2(link), valueTable(change, fieldsOf(action)))
      }),
      changes.length === 0 && p('No record was changed by it.'),
      canUndo(entry) && actionButton('journal.undo', { entry: entry.id }, 'Undo'),
    ]
  })
}

/** On the page of a record: `/my-books/3` is in the table `my_books`. */
export function historyLink({ url }: PageRequest): Content {
  const [, plugin = '', id] = url.pathname.split('/')
  return p(a({ href: `/-/journal/${plugin.replaceAll('-', '_')}/${id}` }, 'History'))
}

/** What became of one record: the entries that changed it, newest first. */
export async function historyPage(app: AppHandle, { params, region }: PageRequest): Promise<Content> {
  const { table: name = '', key = '' } = params
  return [
    toJournal,
    h1(`History of ${inWords(name)} ${key}`),
    await region('history', ['localapp_entry'], async () => {
      const found = await app.db
        .selectFrom('localapp_change')
        .select('entry')
        .where('table', '=', name)
        .where('key', '=', Number(key))
        .groupBy('entry')
        .orderBy('entry', 'desc')
        .limit(100)
        .execute()
      const entries = found.map(({ entry }) => app.journal.get(Number(entry)))
      if (entries.length === 0) return p('The journal knows of no change of it.')
      return entries.map((entry) => {
        const fields = fieldsOf(app.actions.get(entry.action))
        const changes = app.journal.changes(entry.id)
        const own = changes.filter((change) => change.table === name && `${change.key}` === key)
        return section(
          { class: 'card' },
          h2(a({ href: `/-/journal/${entry.id}` }, entry.summary)),
          p({ class: 'help' }, whenOf(entry), ', ', actorNames[entry.actor]),
          own.map((change) => valueTable(change, fields)),
        )
      })
    }),
  ]
}

/** The fields of the records that an action is about, as far as it tells. */
function fieldsOf(action: Action | undefined) {
  return { ...action?.record?.table.fields, ...action?.input }
}

function facts(entry: JournalEntry, action: Action | undefined) {
  const { actor, actorName, input } = entry
  // The record is named by its changes, and what was left out was not asked for.
  const given = Object.entries((input ?? {}) as Record<string, unknown>).filter(
    ([name, value]) => value !== null && name !== 'id' && name !== 'version',
  )
  const rows: [string, Content][] = [
    ['When', whenOf(entry)],
    ['Who', `${actorNames[actor]} ${actorName ?? ''}`],
    ['Action', entry.action],
    ...given.map(([name, value]): [string, Content] => {
      const field = action?.input[name]
      return [nameOf(name, field), shown(value, field)]
    }),
    ['What became of it', noteOf(entry) || 'Done'],
  ]
  return dl(rows.map(([name, value]) => [dt(name), dd(value)]))
}

/** Each column whose value has changed; those that every write changes are left out. */
function valueTable({ before, after }: RowChange, fields: Fields) {
  const columns = Object.keys({ ...before, ...after }).filter(
    (column) => !own.includes(column) && (before?.[column] ?? '') !== (after?.[column] ?? ''),
  )
  const line = (column: string): Html => {
    const field = fields[column]
    const cell = (row: RowChange['before']): Content => {
      const stored = row?.[column] as string | number | null
      return shown(row && field ? field.fromColumn(stored) : stored, field)
    }
    return tr(td(nameOf(column, field)), td(cell(before)), td(cell(after)))
  }
  return div(
    { class: 'table' },
    table(thead(tr(th('Field'), th('Before'), th('After'))), tbody(columns.map(line))),
  )
}

const own = ['id', 'version', 'createdAt', 'updatedAt', 'rank']

function nameOf(name: string, field: Field | undefined) {
  return field ? labelOf(name, field) : inWords(name)
}

function shown(value: unknown, field: Field | undefined) {
  if (value === null || value === undefined || String(value) === '') return '–'
  if (field && field.schema().type !== 'object') return field.cell(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
