import {
  a,
  actionForm,
  button,
  type Content,
  details,
  div,
  form,
  type Html,
  h1,
  input,
  label,
  labelOf,
  localappError,
  nav,
  option,
  type PageRequest,
  type PluginContext,
  p,
  partials,
  select,
  span,
  summary,
  table,
  tbody,
  td,
  th,
  thead,
  tr,
} from '@localapp/core'
import { type Crud, type CrudActions, nameOf } from './actions.ts'
import { countLimit, fieldsWith, type Listed } from './query.ts'

/** Declares the list, the record's page and the forms that a cell becomes when it is edited. */
export function declarePages(context: PluginContext, crud: Crud, actions: CrudActions): void {
  const { page, app } = context
  const base = actions.create.plugin
  const recordOf = (params: Readonly<Record<string, string>>): Listed => {
    const record = app.reader(crud.table).find(Number(params.id))
    if (record) return record as unknown as Listed
    throw localappError(
      'LOCALAPP_NOT_FOUND',
      `${crud.title} has no record ${params.id}.`,
      'It may have been deleted; look into the journal.',
    )
  }
  page('/', (request) => list(context, crud, actions, request))
  page('/:id', ({ params }) => {
    const record = recordOf(params)
    return [
      nav({ 'aria-label': 'Back' }, a({ href: `/${base}` }, crud.title)),
      h1(nameOf(crud.fields, record)),
      actionForm(actions.update, {
        id: 'record',
        values: record,
        hidden: keys(record),
        only: Object.keys(crud.fields),
        submit: 'Save',
      }),
      deleteForm(base, record, crud),
    ]
  })
  page('/:id/edit/:field', ({ params }) => {
    const record = recordOf(params)
    const name = params.field ?? ''
    if (!(name in crud.fields))
      throw localappError('LOCALAPP_NOT_FOUND', `There is no field “${name}”.`, 'Go back to the list.')
    return actionForm(actions.update, {
      id: `edit-${record.id}-${name}`,
      values: record,
      hidden: keys(record),
      only: [name],
      submit: 'Save',
      returnTo: `/${base}`,
    })
  })
}

const keys = (record: Listed): { id: number; version: number } => ({ id: record.id, version: record.version })

async function list(
  context: PluginContext,
  crud: Crud,
  actions: CrudActions,
  request: PageRequest,
): Promise<Content> {
  const base = actions.create.plugin
  const names = Object.keys(crud.fields)
  const first = names[0] ?? ''
  return [
    h1(crud.title),
    actionForm(
      actions.create,
      {
        id: `new-${base}`,
        only: [first],
        submit: 'Add',
        reset: true,
        className: 'quick-add',
        returnTo: `/${base}`,
      },
      a({ href: `/${base}?new=1` }, 'More fields'),
    ),
    request.query.new !== undefined &&
      details(
        { open: true },
        summary('New'),
        actionForm(actions.create, { id: `full-${base}`, only: names, submit: 'Add', returnTo: `/${base}` }),
      ),
    finder(crud, request),
    await request.region(`${base}-list`, [crud.table.name], () => rows(context, crud, actions, request)),
  ]
}

/** Search and filters: a GET form, so that the address says what is shown. */
function finder(crud: Crud, { query }: PageRequest): Content {
  const searched = Object.values(crud.fields).some(({ options }) => options.search)
  const filters = Object.entries(fieldsWith(crud.fields, ({ options }) => options.filter))
  if (!searched && filters.length === 0) return undefined
  return form(
    { class: 'finder', role: 'search' },
    searched &&
      input({
        type: 'search',
        name: 'q',
        id: 'find',
        value: query.q ?? '',
        placeholder: 'Find',
        'aria-label': 'Find',
        'data-autosubmit': true,
      }),
    filters.map(([name, field]) => {
      const choices =
        field.kind === 'bool'
          ? ['true', 'false']
          : ((field.schema().enum as readonly string[] | undefined) ?? [])
      return label(
        labelOf(name, field),
        ' ',
        select(
          { name, id: `filter-${name}`, 'data-autosubmit': true },
          option({ value: '' }, 'any'),
          choices.map((choice) =>
            option(
              { value: choice, selected: query[name] === choice },
              field.kind === 'bool' ? (choice === 'true' ? 'yes' : 'no') : choice,
            ),
          ),
        ),
      )
    }),
    button({ type: 'submit', class: 'quiet' }, 'Show'),
  )
}

async function rows(
  context: PluginContext,
  crud: Crud,
  actions: CrudActions,
  { query }: PageRequest,
): Promise<Content> {
  const { db } = context.app
  const filters = Object.entries(partials(fieldsWith(crud.fields, ({ options }) => options.filter))).flatMap(
    ([name, field]) => {
      const decoded = query[name] ? field.decode(query[name], 'form') : undefined
      return decoded?.ok ? [[name, decoded.value] as const] : []
    },
  )
  const selection = { ...Object.fromEntries(filters), ...(query.q ? { q: query.q } : {}) }
  const [{ rows, more }, count] = await Promise.all([
    crud.query.page(db, query.after ? { ...selection, after: query.after } : selection, 50),
    crud.query.count(db, selection),
  ])
  const base = actions.create.plugin
  if (rows.length === 0) {
    return p(
      { class: 'empty' },
      Object.keys(selection).length > 0
        ? 'Nothing was found. Search for less, or clear the filters.'
        : 'Nothing is here yet. Type into the field above to add the first one.',
    )
  }
  const next = new URLSearchParams(Object.entries(query).filter(([name]) => !name.startsWith('_')))
  if (more !== null) next.set('after', more)
  return [
    p(
      { class: 'count' },
      count > countLimit
        ? `${countLimit.toLocaleString('en')}+ records`
        : count === 1
          ? '1 record'
          : `${count} records`,
    ),
    div(
      { class: 'wide' },
      table(
        { class: 'table' },
        thead(
          tr(
            crud.isManual && th(span({ class: 'visually-hidden' }, 'Order')),
            Object.entries(crud.fields).map(([name, field]) => th(labelOf(name, field))),
            th(span({ class: 'visually-hidden' }, 'Actions')),
          ),
        ),
        tbody(
          { 'data-sortable': crud.isManual && `/api/${base}/move` },
          rows.map((record) => row(base, crud, record)),
        ),
      ),
    ),
    more !== null && p(a({ href: `/${base}?${next}` }, 'More')),
  ]
}

function row(base: string, crud: Crud, record: Listed): Html {
  return tr(
    { id: `${base}-${record.id}`, 'data-id': record.id },
    crud.isManual &&
      td(
        button(
          {
            type: 'button',
            class: 'handle',
            'data-handle': true,
            'aria-label': 'Move: drag, or Alt and an arrow key',
          },
          '⠿',
        ),
      ),
    Object.entries(crud.fields).map(([name, field]) => {
      const value = record[name]
      if (field.kind === 'bool') return td(tick(base, record, name, value === true, labelOf(name, field)))
      const cell = value === null ? '' : field.cell(value)
      return td(
        a(
          {
            href: `/${base}/${record.id}/edit/${name}`,
            class: 'cell',
            'hx-get': `/${base}/${record.id}/edit/${name}`,
            'hx-target': 'closest td',
            'hx-swap': 'innerHTML',
          },
          cell === '' || (Array.isArray(cell) && cell.length === 0) ? span({ class: 'nothing' }, '–') : cell,
        ),
      )
    }),
    td({ class: 'actions' }, a({ href: `/${base}/${record.id}` }, 'Open'), deleteForm(base, record, crud)),
  )
}

/** A box that is ticked at once. */
function tick(base: string, record: Listed, name: string, checked: boolean, text: string): Html {
  const action = `/api/${base}/update`
  return form(
    { method: 'post', action, 'hx-post': action, 'hx-swap': 'none' },
    input({ type: 'hidden', name: '_fields', value: name }),
    input({ type: 'hidden', name: '_form', value: `tick-${record.id}` }),
    input({ type: 'hidden', name: 'id', value: record.id }),
    input({ type: 'hidden', name: 'version', value: record.version }),
    input({
      type: 'checkbox',
      name,
      id: `tick-${record.id}-${name}`,
      value: 'true',
      checked,
      'aria-label': text,
      'data-autosubmit': true,
    }),
    p({ class: 'error', id: `tick-${record.id}-${name}-error`, role: 'alert' }),
    p({ class: 'error', id: `tick-${record.id}-form-error`, role: 'alert' }),
  )
}

function deleteForm(base: string, record: Listed, crud: Crud): Html {
  const action = `/api/${base}/delete`
  return form(
    { method: 'post', action, 'hx-post': action, 'hx-swap': 'none' },
    input({ type: 'hidden', name: 'id', value: record.id }),
    input({ type: 'hidden', name: '_return', value: `/${base}` }),
    button(
      { type: 'submit', class: 'quiet', 'aria-label': `Delete ${nameOf(crud.fields, record)}` },
      'Delete',
    ),
  )
}
