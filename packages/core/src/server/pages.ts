import type { FastifyInstance } from 'fastify'
import type { Actor } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import {
  a,
  button,
  div,
  form,
  h1,
  h2,
  input,
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
import { type Content, fragment, type Html } from '../html/html.ts'
import type { PluginHost } from '../plugin/host.ts'
import type { AppHandle, PageHandler, PageRequest } from '../plugin/plugin.ts'
import type { Answers } from './answer.ts'

/** What the app's own pages show. */
export interface PagesEnvironment {
  readonly app: AppHandle
  readonly host: PluginHost
  readonly answers: Answers
}

/** Adds the pages that every app has: home, search, journal, plugins, health. */
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

/** What the menu calls a plugin. */
export function titleOf(plugin: { name: string; title?: string }): string {
  const words = plugin.name.replaceAll('-', ' ')
  return plugin.title ?? words.charAt(0).toUpperCase() + words.slice(1)
}

function home({ app, host }: PagesEnvironment): Content {
  const failed = host.all.filter(({ state }) => state !== 'loaded')
  const withPages = host.contributions.filter(({ pages }) => pages.has('/'))
  return [
    h1(app.title),
    failed.length > 0 &&
      p(
        { class: 'error' },
        `${failed.length === 1 ? 'A plugin' : `${failed.length} plugins`} could not be started. `,
        a({ href: '/-/plugins' }, 'See why'),
      ),
    withPages.length === 0 &&
      p('There is nothing here yet. Put a plugin into the folder “plugins” and start the app again.'),
    ul(
      { class: 'cards' },
      withPages.map(({ plugin }) => li(a({ href: `/${plugin.name}`, class: 'card' }, titleOf(plugin)))),
    ),
  ]
}

async function search({ host }: PagesEnvironment, { query }: PageRequest): Promise<Content> {
  const text = (query.q ?? '').trim().slice(0, 200)
  const named = host.contributions
    .filter(
      ({ plugin, pages }) =>
        pages.has('/') && titleOf(plugin).toLowerCase().includes(text.toLowerCase()),
    )
    .map(({ plugin }) => ({
      plugin,
      results: [{ title: titleOf(plugin), href: `/${plugin.name}`, detail: 'Plugin' }],
    }))
  const found = await Promise.all(
    host.contributions.map(async ({ plugin, searches }) => ({
      plugin,
      results: (await Promise.all(searches.map((find) => find(text)))).flat(),
    })),
  )
  const groups = text === '' ? [] : [...named, ...found].filter(({ results }) => results.length > 0)
  return [
    h1(text === '' ? 'Search' : `Search: ${text}`),
    groups.length === 0 &&
      p(text === '' ? 'Type what you look for into the field above.' : 'Nothing was found.'),
    groups.map(({ plugin, results }) =>
      section(
        h2(titleOf(plugin)),
        ul(results.map(({ title, href, detail }) => li(a({ href }, title), detail && [' ', small(detail)]))),
      ),
    ),
  ]
}

/** What the user calls those who act. */
export const actorNames: Readonly<Record<Actor['kind'], string>> = {
  user: 'You',
  model: 'The assistant',
  cli: 'The command line',
  program: 'A program',
  plugin: 'A plugin',
}

async function journal({ app }: PagesEnvironment, { region, query }: PageRequest): Promise<Content> {
  const before = Number(query.before)
  const rows = (): Content => {
    const entries = app.journal.list({ limit: 101, ...(before > 0 ? { before } : {}) })
    if (entries.length === 0) return p('Nothing has been done yet.')
    const more = entries.length > 100 && entries[99]
    return [
      div(
        { class: 'table' },
        table(
          thead(tr(th('When'), th('Who'), th('What'), th(span({ class: 'visually-hidden' }, 'Undo')))),
          tbody(entries.slice(0, 100).map(entryRow)),
        ),
      ),
      more && p(a({ href: `/-/journal?before=${more.id}` }, 'Older')),
    ]
  }
  return [h1('Journal'), p('Who did what, and when.'), await region('journal', ['localapp_entry'], rows)]
}

function entryRow(entry: JournalEntry): Html {
  const { id, createdAt, actor, actorName, summary, action, state, undone, undoable, error } = entry
  const note = undone
    ? 'Undone'
    : state === 'failed'
      ? `Failed: ${error}`
      : state === 'begun'
        ? 'Under way'
        : ''
  return tr(
    { id: `entry-${id}` },
    td(time({ datetime: createdAt }, new Date(createdAt).toLocaleString())),
    td(actorNames[actor], actorName !== null && small(` ${actorName}`)),
    td(summary, ' ', small(action), note !== '' && [' ', span({ class: 'tag' }, note)]),
    td(undoable && !undone && undoForm(id)),
  )
}

/** A button that takes one entry of the journal back. */
export function undoForm(entry: number): Html {
  return form(
    { method: 'post', action: '/api/journal/undo', 'hx-post': '/api/journal/undo', 'hx-swap': 'none' },
    input({ type: 'hidden', name: 'entry', value: entry }),
    button({ type: 'submit' }, 'Undo'),
  )
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
    rows.length === 0 && fragment(p('There are none yet.')),
  ]
}
