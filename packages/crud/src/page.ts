import {
  a,
  actionForm,
  button,
  callForm,
  decodeFields,
  details,
  div,
  type Field,
  fieldBlock,
  form,
  h1,
  InvalidInput,
  input,
  label,
  labelOf,
  nav,
  option,
  type PageRequest,
  type PluginContext,
  p,
  select,
  summary,
  table,
  tbody,
  th,
  thead,
  tr,
} from '@localapp/core'
import { type Crud, type CrudActions, nameOf } from './actions.ts'
import { countOf, fieldsWith, type Listed, orderOf, pageOf } from './query.ts'
import { rank } from './rank.ts'
import { rowMaker } from './row.ts'

/** No list counts further than this. */
const countLimit = 1_000

export function declarePages({ page, app }: PluginContext, crud: Crud, actions: CrudActions) {
  const { title, fields } = crud
  const { plugin } = actions.create

  page('/', async (request) => [
    h1(title),
    addForm(crud, actions),
    finder(plugin, crud, request.query),
    (await request.slot('list')).map(({ content }) => content),
    await request.region(`${plugin}-list`, [crud.table.name], () => {
      const query = selected(actions, request.query)
      const records = app.reader(crud.table)
      const { rows, more } = pageOf(records, crud, query, 50)
      if (rows.length === 0) return nothing(request)
      return [
        p({ class: 'help' }, countText(countOf(records, crud, query, countLimit + 1))),
        rowTable(plugin, crud, request.query, rows),
        more !== null && p(a({ href: addressOf(plugin, { ...request.query, after: more }) }, 'More')),
      ]
    }),
    // Every row has a button of this form.
    callForm(`${plugin}.delete`, { id: `${plugin}-delete` }, { _return: `/${plugin}` }),
  ])

  page('/:id', async (request) => {
    const { params, query, partial, region } = request
    const recordForm = (record: Listed, id: string, only: readonly string[], returnTo?: string) =>
      actionForm(actions.update, {
        id,
        values: record,
        hidden: { id: record.id, version: record.version },
        only,
        submit: 'Save',
        returnTo,
      })
    const records = app.reader(crud.table)
    const id = Number(params.id)
    // What a cell of the list opens.
    const { field = '' } = query
    if (Object.hasOwn(fields, field))
      return recordForm(records.get(id) as Listed, `edit-${id}-${field}`, [field], `/${plugin}`)
    return [
      nav({ 'aria-label': 'Back' }, a({ href: `/${plugin}` }, `← ${title}`)),
      await region(`${plugin}-record`, [crud.table.name], () => {
        // A page that is open outlives its record; one that is asked for does not.
        const record = (partial ? records.find(id) : records.get(id)) as Listed | undefined
        if (!record) return p('This record was deleted.')
        return [
          h1(nameOf(fields, record)),
          recordForm(record, 'record', Object.keys(fields)),
          details(
            summary('Delete…'),
            actionForm(actions.remove, { id: 'delete', hidden: { id }, only: [], returnTo: `/${plugin}` }),
          ),
        ]
      }),
      (await request.slot('record')).map(({ content }) => content),
    ]
  })
}

/** The address says what is shown; what it leaves empty does not count. */
function selected({ list }: CrudActions, query: PageRequest['query']): Readonly<Record<string, unknown>> {
  const given = Object.entries(query).filter(
    ([name, value]) => Object.hasOwn(list.input, name) && value !== '',
  )
  const decoded = decodeFields(list.input, Object.fromEntries(given), 'form')
  if (decoded.ok) return decoded.value
  throw new InvalidInput(decoded.messages)
}

/** Search and filters: a form whose state is the address, so that it can be shared, reloaded and gone back to. */
function finder(plugin: string, { fields }: Crud, query: Readonly<Record<string, string>>) {
  const isSearched = Object.values(fields).some(({ options }) => options.search)
  const filters = Object.entries(fieldsWith(fields, ({ options }) => options.filter))
  if (!isSearched && filters.length === 0) return undefined
  const { sort, q } = query
  return form(
    {
      class: 'finder',
      role: 'search',
      action: `/${plugin}`,
      'hx-get': `/${plugin}`,
      'hx-target': `#${plugin}-list`,
      'hx-swap': 'outerMorph',
      'hx-replace-url': 'true',
    },
    sort && input({ type: 'hidden', name: 'sort', value: sort }),
    isSearched &&
      input({
        type: 'search',
        name: 'q',
        id: 'find',
        value: q,
        placeholder: 'Find',
        'aria-label': 'Find',
        'data-autosubmit': true,
      }),
    filters.map(([name, field]) =>
      label(
        { for: `filter-${name}` },
        labelOf(name, field),
        ' ',
        filterControl(name, field, query[name] ?? ''),
      ),
    ),
    button({ class: 'quiet' }, 'Show'),
  )
}

function filterControl(name: string, field: Field, value: string) {
  const id = `filter-${name}`
  const words = field.schema().enum?.filter((word) => word !== null)
  const choices =
    field.kind === 'bool'
      ? [
          ['true', 'yes'],
          ['false', 'no'],
        ]
      : words?.map((word) => [word, word])
  if (!choices) return field.control({ name, id, required: false }, value)
  return select(
    { name, id, 'data-autosubmit': true },
    option({ value: '' }, 'any'),
    choices.map(([choice = '', text]) => option({ value: choice, selected: choice === value }, text)),
  )
}

/** What has to be filled in is in view, the rest a click away. */
function addForm({ fields }: Crud, { create }: CrudActions) {
  const id = `new-${create.plugin}`
  const names = Object.keys(fields)
  const only = names.filter((name, index) => index === 0 || fields[name]?.requirement === 'required')
  const rest = Object.entries(fields).filter(([name]) => !only.includes(name))
  return actionForm(
    create,
    { id, only, hidden: { _fields: names.join() }, reset: true, returnTo: `/${create.plugin}` },
    rest.length > 0 &&
      details(
        summary('More'),
        rest.map(([name, field]) => fieldBlock(id, name, field, field.options.default)),
      ),
  )
}

function nothing({ query }: PageRequest) {
  const isNarrowed = Object.values(query).some((value) => value !== '')
  return p(
    isNarrowed
      ? 'Nothing was found. Search for less, or clear the filters.'
      : 'Nothing is here yet. Type into the form above to add the first one.',
  )
}

function countText(count: number) {
  if (count > countLimit) return `${countLimit.toLocaleString('en')}+ records`
  return `${count.toLocaleString('en')} ${count === 1 ? 'record' : 'records'}`
}

function rowTable(plugin: string, crud: Crud, query: PageRequest['query'], rows: readonly Listed[]) {
  const { fields } = crud
  const [by, way] = orderOf(crud, query)
  const isManual = by === rank
  const heading = ([name, field]: [string, Field]) => {
    const text = labelOf(name, field)
    if (!field.options.index) return th(text)
    // The third click is back in the list's own order.
    const sort = by !== name ? name : way === 'asc' ? `-${name}` : ''
    const link = a({ href: addressOf(plugin, { ...query, sort, after: '' }) }, text)
    if (by !== name) return th(link)
    return way === 'asc'
      ? th({ 'aria-sort': 'ascending' }, link, ' ↑')
      : th({ 'aria-sort': 'descending' }, link, ' ↓')
  }
  return div(
    { class: 'table' },
    table(
      thead(
        tr(
          isManual && th({ 'aria-label': 'Order' }),
          Object.entries(fields).map(heading),
          th({ 'aria-label': 'Actions' }),
        ),
      ),
      tbody(
        { 'data-sortable': isManual && `/api/${plugin}/move`, 'hx-target:inherited': 'next div' },
        rows.map(rowMaker(plugin, fields, isManual)),
      ),
    ),
  )
}

function addressOf(plugin: string, query: PageRequest['query']) {
  return `/${plugin}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))}`
}
