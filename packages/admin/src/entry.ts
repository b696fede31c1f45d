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
  table,
  tbody,
  td,
  th,
  thead,
  tr,
} from '@localapp/core'
import { canUndo, noteOf, whenOf } from './journal.ts'
import { backTo } from './page.ts'

/** One entry of the journal: what was asked, and each value before and after. */
export async function entryPage(app: AppHandle, { params, region }: PageRequest): Promise<Content> {
  return await region('entry', ['localapp_entry'], () => {
    const entry = app.journal.get(Number(params.entry))
    const action = app.actions.get(entry.action)
    const changes = app.journal.changes(entry.id)
    return [
      backTo('/-/journal', 'Journal'),
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
    backTo('/-/journal', 'Journal'),
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
function fieldsOf(action: Action | undefined): Fields {
  return { ...action?.record?.table.fields, ...action?.input }
}

function facts(entry: JournalEntry, action: Action | undefined): Content {
  const { actor, actorName, input } = entry
  const rows: [string, Content][] = [
    ['When', whenOf(entry)],
    ['Who', `${actorNames[actor]} ${actorName ?? ''}`],
    ['Action', entry.action],
    ['What became of it', noteOf(entry) || 'Done'],
  ]
  // The record is named by its changes, and what was left out was not asked for.
  const given = Object.entries((input ?? {}) as Record<string, unknown>)
    .filter(([name, value]) => value !== null && name !== 'id' && name !== 'version')
    .map(([name, value]): [string, Content] => {
      const field = action?.input[name]
      return [nameOf(name, field), shown(value, field)]
    })
  const list = (named: readonly [string, Content][]) =>
    dl(named.map(([name, value]) => [dt(name), dd(value)]))
  return [list(rows), given.length > 0 && [h2('What was asked'), list(given)]]
}

/** Each column whose value has changed; those that every write changes are left out. */
function valueTable({ before, after }: RowChange, fields: Fields): Html {
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

function nameOf(name: string, field: Field | undefined): string {
  return field ? labelOf(name, field) : inWords(name)
}

function shown(value: unknown, field: Field | undefined): Content {
  if (value === null || value === undefined || String(value) === '') return '–'
  if (field && field.schema().type !== 'object') return field.cell(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
