import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Action, Outcome } from '../action/action.ts'
import type { PluginSource } from '../plugin/find.ts'
import { type Conformance, type Fail, findings } from './findings.ts'
import { doubledIds, formsOf, linksOf, namelessControls, tagsOf } from './markup.ts'
import { hostile, sampleOf } from './sample.ts'
import { type TestApp, testApp } from './test-app.ts'

/** What {@link pluginConformance} has to know of a plugin that its fields do not say. */
export interface ConformanceOptions {
  /** Other plugins, without which it does not work. */
  readonly plugins?: readonly PluginSource[]
  /** Input of actions that no sample fits, by their ids: `{ 'shop.order': { sku: 'A-1' } }`. */
  readonly input?: Readonly<Record<string, object>>
  /** Where a relative path of the plugin starts. */
  readonly root?: string
}

/**
 * Holds a plugin against what the framework promises its users: it starts, and starts again on its data; its pages answer,
 * name their controls and lead somewhere; records are shown as text; rubbish is refused in words and changes nothing;
 * what it does is journalled and can be undone; a model is asked for what is destructive; forms work without JavaScript.
 * It runs on a real server with an empty data folder of its own. Actions that reach outside are not run.
 *
 * @example
 * ```ts
 * test('the plugin keeps the promises of the framework', async () => {
 *   const { failures } = await pluginConformance(Todo)
 *   expect(failures).toEqual([])
 * })
 * ```
 */
export async function pluginConformance(
  plugin: PluginSource,
  { plugins = [], input = {}, root }: ConformanceOptions = {},
): Promise<Conformance> {
  const found = findings()
  const untried = new Set<string>()
  const data = mkdtempSync(join(tmpdir(), 'localapp-conformance-'))
  const open = (): Promise<TestApp> =>
    testApp({ plugins: [...plugins, plugin], data, ...(root !== undefined && { root }) })
  try {
    let app = await open()
    const trial = trialOf(app, input, untried)
    if (await found.attempt('starts', (fail) => started(app, fail))) {
      await found.attempt('pages answer and name their controls', trial.pages)
      await found.attempt('refuses rubbish in words', trial.rubbish)
      await found.attempt('asks before what is destructive', trial.approvals)
      await found.attempt('journals, and undoes', trial.writes)
      await found.attempt('reads change nothing', trial.reads)
      await found.attempt('shows records as text', trial.escapes)
      await found.attempt('forms work without JavaScript', trial.forms)
      await found.attempt('starts again on its data', async (fail) => {
        await app.close()
        app = await open()
        started(app, fail)
        await trialOf(app, input, untried).pages(fail)
      })
    }
    await app.close()
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
  return { points: found.points, failures: found.failures, untried: [...untried] }
}

function started(app: TestApp, fail: Fail): void {
  for (const { name, state, error, place } of app.plugins()) {
    if (error) fail(`“${name}” ${state}${place ? ` at ${place}` : ''}: ${error.message} ${error.fix}`)
  }
}

function trialOf(
  app: TestApp,
  input: Readonly<Record<string, object>>,
  untried: Set<string>,
): Record<
  'pages' | 'rubbish' | 'approvals' | 'reads' | 'writes' | 'escapes' | 'forms',
  (fail: Fail) => Promise<void>
> {
  const name = app.plugins().at(-1)?.name ?? ''
  const actions = app.actions.list().filter(({ plugin }) => plugin === name)
  const tables = name.replaceAll('-', '_')
  const reached = new Set<string>()
  /** The newest record that an action has told of. */
  let newest = 1

  const stored = async (): Promise<string> => {
    const found = await sql<{ name: string }>`select name from sqlite_master where type = 'table'
      and (name = ${tables} or name like ${`${tables}\\_%`} escape '\\') and name not like '%\\_search%' escape '\\'
      order by name`.execute(app.db)
    const rows = found.rows.map(async (table) => {
      const all = await app.db.selectFrom(table.name).selectAll().execute()
      return [table.name, all.map(({ version: _, updatedAt: __, ...row }) => row)]
    })
    return JSON.stringify(await Promise.all(rows))
  }
  const inputOf = ({ id, input: fields }: Action, text: string, all: boolean): object => ({
    ...sampleOf(fields, text, newest, all),
    ...input[id],
  })
  const perform = async (action: Action, text: string, all: boolean, fail: Fail): Promise<Outcome> => {
    const outcome = await app.call(action.id, inputOf(action, text, all))
    if (outcome.status === 'done') {
      const { id } = Object(outcome.output)
      if (typeof id === 'number') newest = id
      reached.add(action.id)
      untried.delete(action.id)
    } else if (outcome.status === 'failed' && outcome.error.code === 'LOCALAPP_ACTION_FAILED') {
      fail(`${action.id} threw what is no sentence for the user: ${outcome.error.message}`)
    } else if (!reached.has(action.id)) untried.add(action.id)
    return outcome
  }
  const isInside = ({ effect, userOnly }: Action): boolean => effect !== 'external' && !userOnly

  /** Visits the pages that the menu leads to, and those that they lead to. */
  const visit = async (see: (path: string, html: string, status: number) => void): Promise<void> => {
    const menu = (await app.inject({ url: '/-/nowhere' })).body
    const found = new Set(linksOf(menu))
    for (const path of found) {
      if (found.size > 200) break
      const { body, statusCode, headers } = await app.inject({ url: path, headers: { accept: 'text/html' } })
      if (statusCode === 303 || statusCode === 302) continue
      const own = new RegExp(`^/${name}($|[/?])`).test(path)
      // A link may lead to a plugin that is not there.
      if (statusCode === 404 && !own) continue
      see(path, body, statusCode)
      if (!String(headers['content-type']).startsWith('text/html') || statusCode >= 400) continue
      for (const next of own ? linksOf(body) : []) found.add(next)
    }
  }

  return {
    async pages(fail) {
      await visit((path, html, status) => {
        if (status >= 400) return fail(`${path} answers ${status}, and a page leads to it.`)
        for (const id of doubledIds(html)) fail(`${path} has the id “${id}” twice.`)
        for (const control of namelessControls(html))
          fail(`${path} has a control without a name: ${control}.`)
        for (const { attributes } of tagsOf(html, 'img'))
          if (attributes.alt === undefined) fail(`${path} has a picture without “alt”.`)
      })
      for (const path of [
        `/${name}/999999`,
        `/${name}/%00`,
        `/${name}/${'x'.repeat(2_000)}`,
        `/${name}?after=%F0`,
      ]) {
        const { statusCode } = await app.inject({ url: path })
        if (statusCode >= 500) fail(`${path.slice(0, 60)} answers ${statusCode}.`)
      }
    },

    async rubbish(fail) {
      const before = await stored()
      for (const action of actions) {
        const names = Object.keys(action.input)
        const wrong = [{}, [], 'a\0b', '\ud800', 1e300, -1, null, true, 'x'.repeat(100_000)]
        const bodies = [
          ...['[]', '"text"', '{', '{"no such field":1}'],
          // With a field that there is not, nothing can come of it.
          ...names.flatMap((key) =>
            wrong.map((value) => JSON.stringify({ 'no such field': 1, [key]: value })),
          ),
        ]
        for (const payload of bodies) {
          const url = `/api/${action.id.replace('.', '/')}`
          const { statusCode, body } = await app.inject({ method: 'POST', url, payload })
          if (statusCode < 400 || statusCode >= 500)
            fail(`${action.id} answers ${statusCode} to ${payload.slice(0, 80)}: ${body.slice(0, 200)}`)
        }
      }
      if ((await stored()) !== before) fail('Refused input has changed the data.')
    },

    async approvals(fail) {
      const before = await stored()
      for (const action of actions) {
        if (action.effect !== 'destructive' && action.effect !== 'external') continue
        const asModel = { actor: { kind: 'model', name: 'conformance' } } as const
        const { status } = await app.call(action.id, inputOf(action, 'Some text', false), asModel)
        if (status === 'done') fail(`${action.id} was done for a model, which nobody allowed.`)
      }
      if ((await stored()) !== before) fail('What a model only asked for has changed the data.')
    },

    async reads(fail) {
      // There may be nothing left to read.
      const maker = actions.find((action) => action.effect === 'write' && isInside(action))
      if (maker) await perform(maker, 'Some text', true, fail)
      const before = await stored()
      for (const action of actions)
        if (action.effect === 'read' && isInside(action)) await perform(action, 'Some text', false, fail)
      if ((await stored()) !== before) fail('An action that is declared as a read has changed the data.')
    },

    async writes(fail) {
      for (const action of actions) {
        if (action.effect === 'read' || !isInside(action)) continue
        for (const all of [false, true]) {
          const before = await stored()
          const outcome = await perform(action, 'Some text', all, fail)
          if (outcome.status !== 'done') continue
          const { entry } = outcome
          if (entry === undefined) {
            fail(`${action.id} has no entry in the journal.`)
            continue
          }
          if (!app.journal.get(entry).undoable) {
            if ((await stored()) !== before)
              fail(`${action.id} cannot be undone: declare “undo”, or write by “table”.`)
            continue
          }
          const undone = await app.call('journal.undo', { entry })
          if (undone.status === 'failed') fail(`Undoing ${action.id} failed: ${undone.error.message}`)
          else if ((await stored()) !== before)
            fail(`Undoing ${action.id} does not bring back what was there.`)
          // What comes next finds something there.
          await perform(action, 'Some text', all, fail)
        }
      }
    },

    async escapes(fail) {
      for (const action of actions)
        if (action.effect === 'write' && isInside(action)) await perform(action, hostile, true, fail)
      await visit((path, html, status) => {
        if (status >= 500) fail(`${path} answers ${status} once records hold unusual text.`)
        if (html.includes('<i class="hostile">'))
          fail(`${path} shows what a record holds as HTML: escape it.`)
      })
    },

    async forms(fail) {
      const seen = new Set<string>()
      const pages: [string, string][] = []
      await visit((path, html) => pages.push([path, html]))
      for (const [path, html] of pages) {
        for (const { attributes, body } of formsOf(html)) {
          const { action = path, method = 'get' } = attributes
          const [, plugin, called] = /^\/api\/([^/]+)\/([^/]+)$/.exec(action) ?? []
          const sends = tagsOf(html, 'form').some(
            (each) => each.attributes['hx-post'] && !each.attributes.action,
          )
          if (sends)
            fail(`${path} has a form that works with JavaScript alone: give it “method” and “action”.`)
          const declared = actions.find(({ id }) => id === `${plugin}.${called}`)
          const key = `${action} ${[...body.keys()]}`
          if (method.toLowerCase() !== 'post' || !declared || declared.effect === 'external' || seen.has(key))
            continue
          seen.add(key)
          const headers = { accept: 'text/html', referer: new URL(path, app.url).href }
          const answer = await app.inject({ method: 'POST', url: action, headers, payload: body })
          const { location = '' } = answer.headers
          const isFine =
            answer.statusCode === 303
              ? String(location).startsWith('/')
              : [404, 409, 422].includes(answer.statusCode)
          if (!isFine)
            fail(
              `The form of ${declared.id} on ${path}, sent without JavaScript, answers ${answer.statusCode}.`,
            )
          if (answer.statusCode === 422 && !answer.body.includes('<form'))
            fail(`The form of ${declared.id} on ${path} does not come back with what was typed.`)
        }
      }
    },
  }
}
