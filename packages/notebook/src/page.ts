import {
  type AppHandle,
  a,
  button,
  type Content,
  code,
  div,
  form,
  h1,
  h2,
  img,
  label,
  li,
  nav,
  option,
  type PageRequest,
  p,
  section,
  select,
  span,
  table,
  td,
  th,
  tr,
  ul,
} from '@localapp/core'
import { compareRuns, type Difference } from './compare.ts'
import { filesOf, typeOf } from './files.ts'
import { runOf, runsOf, textOf } from './run.ts'

/** No more differences of a step stand on the page. */
const most = 200

/** What a run's page gets: its files, and what can be made of it. */
export async function runLinks(app: AppHandle, { url }: PageRequest): Promise<Content> {
  const [, pipeline = '', id = ''] = url.pathname.split('/')
  const run = Number(id)
  const others = (await runsOf(app, pipeline)).filter((each) => each !== run)
  const base = `/notebook/${pipeline}/${run}`
  const files = filesOf(app, pipeline, run)
  return section(
    { class: 'card', 'aria-label': 'Report and files' },
    files.length > 0 && [h2('Files'), ul(files.map((file) => li(fileLink(`${base}/files/`, file.name))))],
    p(
      a({ href: `${base}/report.md`, download: true }, 'Report (Markdown)'),
      ' · ',
      a({ href: `${base}/notebook.ipynb`, download: true }, 'Notebook (Jupyter)'),
    ),
    others.length > 0 &&
      form(
        { class: 'finder', action: `/notebook/compare/${pipeline}` },
        label({ for: 'compare-before' }, 'Compare with run'),
        select(
          { id: 'compare-before', name: 'before' },
          others.map((each) => option({ value: each }, each)),
        ),
        // The run of this page.
        select({ name: 'after', hidden: true, 'aria-hidden': 'true' }, option({ value: run }, run)),
        button({ class: 'quiet' }, 'Compare'),
      ),
  )
}

function fileLink(base: string, name: string) {
  const href = base + name.split('/').map(encodeURIComponent).join('/')
  const image = typeOf(name).startsWith('image/') && img({ src: href, alt: name, loading: 'lazy' })
  return [a({ href }, name), image && p(image)]
}

/** Two runs side by side. */
export async function comparePage(app: AppHandle, { params, query }: PageRequest): Promise<Content> {
  const { pipeline = '' } = params
  const before = await runOf(app, pipeline, Number(query.before))
  const after = await runOf(app, pipeline, Number(query.after))
  const link = (id: number, title: string) => a({ href: `/${pipeline}/${id}` }, title)
  return [
    nav({ 'aria-label': 'Back' }, link(before.id, before.title), ' ', link(after.id, after.title)),
    h1(`${before.title} and ${after.id}`),
    compareRuns(before, after).map(({ title, states, differences }) =>
      section(
        { class: 'card' },
        h2(title),
        states[0] !== states[1] &&
          p('Run ', before.id, ': ', tag(states[0]), ', run ', after.id, ': ', tag(states[1])),
        differences.length > 0
          ? tableOf(differences, before.id, after.id)
          : p({ class: 'help' }, states.includes('done') ? 'Both gave the same.' : 'Neither has come here.'),
      ),
    ),
  ]
}

const tag = (state: string) => span({ class: 'tag' }, state)

function tableOf(differences: readonly Difference[], before: number, after: number) {
  const rows = differences
    .slice(0, most)
    .map((each) => tr(td(code(each.at || 'all')), td(cell(each.before)), td(cell(each.after))))
  return [
    div({ class: 'table' }, table(tr(th('Where'), th(`Run ${before}`), th(`Run ${after}`)), rows)),
    differences.length > most && p(`And ${(differences.length - most).toLocaleString('en')} more.`),
  ]
}

function cell(value: unknown) {
  return value === undefined ? span({ class: 'help' }, 'nothing') : textOf(value).slice(0, 1_000)
}
