import {
  type AppHandle,
  a,
  actionButton,
  button,
  type Content,
  callForm,
  div,
  form,
  h1,
  h2,
  input,
  label,
  labelOf,
  li,
  nav,
  option,
  type PageRequest,
  p,
  progress,
  section,
  select,
  table,
  tbody,
  td,
  th,
  thead,
  tr,
  ul,
} from '@localapp/core'
import { type Import, imports, sourceIn } from './import.ts'
import { ignored, type Target, targetOf, targets } from './target.ts'

/** Under the form of a list: out with what it shows, and in. */
export function listLinks(app: AppHandle, { url }: PageRequest): Content {
  const plugin = url.pathname.split('/')[1] ?? ''
  if (!targets(app).some(({ name }) => name === plugin)) return undefined
  return p(
    { class: 'help' },
    exportLinks(plugin, '?of=page'),
    ' · ',
    a({ href: `/transfer#${plugin}` }, 'Import'),
  )
}

function exportLinks(plugin: string, query = ''): Content {
  const link = (format: string, text: string) =>
    a({ href: `/transfer/export/${plugin}.${format}${query}`, download: true, 'hx-boost': 'false' }, text)
  return ['Export as ', link('csv', 'CSV'), ' or ', link('jsonl', 'JSON Lines')]
}

export async function overview(app: AppHandle, { region }: PageRequest): Promise<Content> {
  return [
    h1('Import and export'),
    targets(app).map(({ name, title }) =>
      section(
        { class: 'card', id: name },
        h2(title),
        p(exportLinks(name)),
        form(
          {
            method: 'post',
            action: `/transfer/upload/${name}`,
            enctype: 'multipart/form-data',
            'hx-boost': 'false',
          },
          label({ for: `file-${name}` }, 'A file of CSV or JSON Lines'),
          ' ',
          input({
            type: 'file',
            name: 'file',
            id: `file-${name}`,
            required: true,
            accept: '.csv,.tsv,.txt,.jsonl,.ndjson,.json',
          }),
          ' ',
          button('Look at it'),
        ),
      ),
    ),
    await region('transfer-list', [imports.name], () => {
      const rows = app.reader(imports).all({ order: ['id', 'desc'], limit: 20 })
      return (
        rows.length > 0 && [
          h2('Files'),
          ul(
            rows.map((row) =>
              li(
                a({ href: `/transfer/${row.id}` }, row.name),
                ` into ${row.plugin}: ${stateWords[row.state]}`,
              ),
            ),
          ),
        ]
      )
    }),
  ]
}

const stateWords: Record<Import['state'], string> = {
  checking: 'being read',
  ready: 'waits for your word',
  failed: 'could not be read',
  done: 'imported',
  undone: 'taken back',
}

export async function importPage(app: AppHandle, { params, region, partial }: PageRequest): Promise<Content> {
  const id = Number(params.import)
  return [
    nav({ 'aria-label': 'Back' }, a({ href: '/transfer' }, '← Import and export')),
    await region('transfer-import', [imports.name], () => {
      const record = partial ? app.reader(imports).find(id) : app.reader(imports).get(id)
      if (!record) return p('This file was thrown away.')
      const target = targetOf(app, record.plugin)
      return [
        h1(`${record.name} into ${target.title}`),
        record.state === 'checking' ? working(record) : result(record, target),
      ]
    }),
  ]
}

/** Where the reading stands: a file tells its size, and not how many rows it has. */
function working({ read, size, position }: Import): Content {
  return [
    progress({ max: Math.max(size, 1), value: position, 'aria-label': 'How much of the file is read' }),
    p({ role: 'status' }, `${number(read)} rows read. Nothing is imported yet.`),
  ]
}

const number = (value: number) => value.toLocaleString('en')

function result(record: Import, target: Target): Content {
  const { id, state, fresh, changing, bad, problems, message } = record
  const good = fresh + changing
  const counts = `${number(fresh)} to add, ${number(changing)} to change, ${number(bad)} bad.`
  return [
    message && p({ class: 'error', role: 'alert' }, message),
    state === 'done' &&
      p(
        `Imported: ${number(fresh)} added, ${number(changing)} changed. `,
        a({ href: `/${target.name}` }, `Open ${target.title}`),
      ),
    state === 'undone' && p('This import was taken back.'),
    state === 'ready' && [
      p({ role: 'status' }, counts, ' Nothing is imported yet.'),
      good > 0 &&
        actionButton(
          'transfer.commit',
          { import: id },
          `Import ${number(good)} ${good === 1 ? 'record' : 'records'}`,
        ),
    ],
    state !== 'done' && [
      problems.length > 0 && [
        h2('Bad rows'),
        p({ class: 'help' }, 'These are left out. Mend the file and choose it again to have them.'),
        ul(problems.map((problem) => li(problem))),
        bad > problems.length && p(`… and ${number(bad - problems.length)} more.`),
      ],
      columnsForm(record, target),
      actionButton('transfer.discard', { import: id }, 'Throw the file away', 'quiet'),
    ],
  ]
}

function columnsForm(record: Import, { create }: Target): Content {
  const { id, columns, by } = record
  const fields = create.input
  const choices = [
    [ignored, 'leave out'],
    ['id', 'Id'],
    ...Object.entries(fields).map(([name, field]) => [name, labelOf(name, field)]),
  ]
  const chosen = (value: string, options: readonly (readonly string[])[]) =>
    options.map(([name = '', text]) => option({ value: name, selected: name === value }, text))
  const formId = `columns-${id}`
  return [
    h2('Columns'),
    callForm(
      'transfer.match',
      { id: formId },
      { import: id, _form: formId },
      div(
        { class: 'table' },
        table(
          thead(tr(th('In the file'), th('Field'))),
          tbody(
            sourceIn(record).columns.map((column, index) =>
              tr(
                td(column || '(no name)'),
                td(
                  select(
                    {
                      name: `columns.${index}`,
                      'aria-label': `Field of ${column || 'the column without a name'}`,
                    },
                    chosen(columns[index] ?? ignored, choices),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
      div(
        { class: 'field' },
        label({ for: `${formId}-by` }, 'Change records that have the same'),
        select(
          { name: 'by', id: `${formId}-by` },
          chosen(by ?? '', [
            ['', 'none: add every row'],
            ...choices.filter(([name = '']) => name !== ignored && columns.includes(name)),
          ]),
        ),
      ),
      button('Check again'),
    ),
  ]
}
