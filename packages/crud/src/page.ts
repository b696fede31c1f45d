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
  labelOf,
  nav,
  type PageRequest,
  type PluginContext,
  p,
  summary,
  table as tableElement,
  tbody,
  th,
  thead,
  tr,
} from '@localapp/core'
import { type Crud, type CrudActions, nameOf } from './actions.ts'
import { filterControls } from './filter.ts'
import { countOf, fieldsWith, type Listed, orderOf, pageOf } from './query.ts'
import { rank } from './rank.ts'
import { labelled, offered, pickers } from './refs.ts'
import { rowMaker } from './row.ts'

const countLimit = 1_000

export function declarePages({ page, app }: PluginContext, crud: Crud, actions: CrudActions) {
  const { title, fields, table } = crud
  const { plugin } = actions.create

  page('/', async (request) => {
    const query = askedOf(request, actions)
    return [
      h1(title),
      addForm(crud, actions),
      pickers(app, fields),
      finder(plugin, crud, query),
      (await request.slot('list')).map(({ content }) => content),
      await request.region(`${plugin}-list`, [table.name], () => {
        const selection = decodeFields(actions.list.input, query, 'form')
        if (!selection.ok) throw new InvalidInput(selection.messages)
        const records = app.reader(table)
        const { rows, more } = pageOf(records, crud, selection.value, 50)
        if (rows.length === 0)
          return p(
            Object.keys(query).length > 0
              ? 'Nothing was found. Search for less, or clear the filters.'
              : 'Nothing is here yet. Type into the form above to add the first one.',
          )
        return [
          p({ class: 'help' }, countText(countOf(records, crud, selection.value, countLimit + 1))),
          rowTable(plugin, crud, query, labelled(app, fields, rows)),
          more !== null && p(a({ href: addressOf(plugin, { ...query, after: more }) }, 'More')),
        ]
      }),
      // Every row has a button of this form.
      callForm(`${plugin}.delete`, { id: `${plugin}-delete` }, { _return: `/${plugin}` }),
    ]
  })

  // A control sends what is typed under its own name.
  page('/choices', ({ query }) => {
    const [search] = fieldsWith(fields, 'search').length > 0 ? Object.values(query) : []
    return offered(app, plugin, search ? { search } : {})
  })

  page('/:id', async (request) => {
    const { params, query, partial, region } = request
    const id = Number(params.id)
    const recordForm = (record: Listed, form: string, only: readonly string[], returnTo?: string) =>
      actionForm(actions.update, {
        id: form,
        values: labelled(app, fields, [record])[0],
        hidden: { id, version: record.version },
        only,
        submit: 'Save',
        returnTo,
      })
    const records = app.reader(table)
    // What a cell of the list opens.
    const { field = '' } = query
    if (Object.hasOwn(fields, field))
      return recordForm(records.get(id) as Listed, `edit-${id}-${field}`, [field], `/${plugin}`)
    return [
      pickers(app, fields),
      nav({ 'aria-label': 'Back' }, a({ href: `/${plugin}` }, `← ${title}`)),
      await region(`${plugin}-record`, [table.name], () => {
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

type Query = PageRequest['query']

/** What the address asks for, with one text for each filter. */
function askedOf({ url, query }: PageRequest, { list }: CrudActions): Query {
  const asked = Object.keys(query).map((name) => [name, url.searchParams.getAll(name).filter(Boolean).join()])
  return Object.fromEntries(asked.filter(([name = '', text]) => text && Object.hasOwn(list.input, name)))
}

/** Search and filters: a form whose state is the address. */
function finder(plugin: string, { fields }: Crud, query: Query) {
  const isSearched = fieldsWith(fields, 'search').length > 0
  const filters = fieldsWith(fields, 'filter')
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
    button({ class: 'quiet' }, 'Show'),
    filters.length > 0 &&
      details(
        { open: filters.some(([name]) => query[name]) },
        summary('Filter'),
        filters.map(([name, field]) => filterControls(name, field, query[name])),
      ),
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

function countText(count: number) {
  const shown = Math.min(count, countLimit).toLocaleString('en')
  return `${shown}${count > countLimit ? '+' : ''} ${count === 1 ? 'record' : 'records'}`
}

function rowTable(plugin: string, crud: Crud, query: Query, rows: readonly Listed[]) {
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
    const [sorted, arrow] = way === 'asc' ? ['ascending', ' ↑'] : ['descending', ' ↓']
    return th({ 'aria-sort': sorted }, link, arrow)
  }
  return div(
    { class: 'table' },
    tableElement(
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

function addressOf(plugin: string, query: Query) {
  return `/${plugin}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))}`
}
