import type { FastifyInstance } from 'fastify'
import { actorNames } from '../action/action.ts'
import { entries as entryTable, type JournalEntry } from '../action/journal.ts'
import {
  a,
  div,
  h1,
  h2,
  li,
  p,
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
  ul,
} from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'
import { undoButton } from '../page/toast.ts'
import type { PluginHost } from '../plugin/host.ts'
import {
  type AppHandle,
  type PageHandler,
  type PageRequest,
  type SearchResult,
  titleOf,
} from '../plugin/plugin.ts'
import type { Answers } from './answer.ts'

export interface PagesEnvironment {
  readonly app: AppHandle
  readonly host: PluginHost
  readonly answers: Answers
}

export function routePages(fastify: FastifyInstance, environment: PagesEnvironment): void {
  const { answers, app } = environment
  const page = (path: string, title: string, handler: PageHandler): void =>
    answers.route(fastify, path, title, handler)
  page('/', app.title, () => home(environment))
  page('/-/search', 'Search', (request) => search(environment, request))
  page('/-/journal', 'Journal', (request) => journal(environment, request))
  page('/-/plugins', 'Plugins', () => plugins(environment))
  fastify.get('/-/health', () => ({
    status: 'ok',
    plugins: environment.host.all.map(({ name, state }) => ({ name, state })),
  }))
}

function linksTo(host: PluginHost): { title: string; href: string }[] {
  const withPages = host.contributions.filter(({ pages }) => pages.has('/'))
  return withPages.map(({ plugin }) => ({ title: titleOf(plugin), href: `/${plugin.name}` }))
}

function home({ app, host }: PagesEnvironment): Content {
  const failed = host.all.filter(({ state }) => state !== 'loaded').length
  const links = linksTo(host)
  return [
    h1(app.title),
    failed > 0 &&
      p(
        { class: 'error' },
        `${failed === 1 ? 'A plugin' : `${failed} plugins`} could not be started. `,
        a({ href: '/-/plugins' }, 'See why'),
      ),
    links.length === 0 &&
      p('There is nothing here yet. Put a plugin into the folder “plugins” and start the app again.'),
    links.map(({ title, href }) => p({ class: 'card' }, a({ href }, title))),
  ]
}

async function search({ host }: PagesEnvironment, { query }: PageRequest): Promise<Content> {
  const text = (query.q ?? '').trim().slice(0, 200)
  if (text === '') return [h1('Search'), p('Type what you look for into the field above.')]
  const named = linksTo(host).filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()))
  const found = host.contributions.map(async ({ plugin, searches }) => {
    const results = await Promise.all(searches.map((find) => find(text)))
    return { title: titleOf(plugin), results: results.flat() }
  })
  const groups: { title: string; results: readonly SearchResult[] }[] = [
    { title: 'Plugins', results: named },
    ...(await Promise.all(found)),
  ].filter(({ results }) => results.length > 0)
  return [
    h1(`Search: ${text}`),
    groups.length === 0 && p('Nothing was found.'),
    groups.map(({ title, results }) => section(h2(title), ul(results.map(resultItem)))),
  ]
}

function resultItem({ title, href, detail }: SearchResult): Html {
  return li(a({ href }, title), detail && [' ', small(detail)])
}

async function journal({ app }: PagesEnvironment, { region, query }: PageRequest): Promise<Content> {
  const before = Number(query.before) || Number.MAX_SAFE_INTEGER
  const rows = (): Content => {
    const entries = app.journal.list({ limit: 101, before })
    if (entries.length === 0) return p('Nothing has been done yet.')
    const more = entries.length > 100 && entries[99]
    return [
      div(
        { class: 'table' },
        table(
          thead(tr(th('When'), th('Who'), th('What'), th(span({ class: 'visually-hidden' }, 'Undo')))),
          tbody(entries.slice(0, 100).map((entry, i) => entryRow(entry, entries[i - 1], entries[i + 1]))),
        ),
      ),
      more && p(a({ href: `/-/journal?before=${more.id}` }, 'Older')),
    ]
  }
  return [h1('Journal'), p('Who did what, and when.'), await region('journal', [entryTable.name], rows)]
}

function entryRow(entry: JournalEntry, later?: JournalEntry, earlier?: JournalEntry): Html {
  const { id, createdAt, actor, actorName, summary, action, turn, undone, undoable } = entry
  const isNewestOfTurn = turn !== later?.turn && turn === earlier?.turn
  const note = noteOf(entry)
  return tr(
    { id: `entry-${id}` },
    td(time({ datetime: createdAt }, new Date(createdAt).toLocaleString())),
    td(actorNames[actor], actorName !== null && small(` ${actorName}`)),
    td(summary, ' ', small(action), note !== '' && [' ', span({ class: 'tag' }, note)]),
    td(
      div(
        { class: 'actions' },
        undoable && !undone && undoButton(entry),
        isNewestOfTurn && !undone && undoButton(entry, true),
      ),
    ),
  )
}

function noteOf({ undone, state, error }: JournalEntry): string {
  if (undone) return 'Undone'
  const notes = { asked: 'Waits for you', rejected: 'Rejected', begun: 'Under way', done: '', failed: '' }
  return error ? `Failed: ${error}` : notes[state]
}

function plugins({ host }: PagesEnvironment): Content {
  const rows = host.all.map(({ name, file, state, error, place }) =>
    tr(
      td(name),
      td(state),
      td(place ?? file ?? 'in the app', error && [p({ class: 'error' }, error.message), p(error.fix)]),
    ),
  )
  return [
    h1('Plugins'),
    div({ class: 'table' }, table(thead(tr(th('Name'), th('State'), th('File'))), tbody(rows))),
    rows.length === 0 && p('There are none yet.'),
  ]
}
