import Fastify, { type FastifyInstance } from 'fastify'
import type { Migration } from 'kysely/migration'
import { type Action, defineAction } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import { defineTable, type Table } from '../storage/table.ts'
import type { AppHandle, Command, PageHandler, Plugin, PluginContext, SearchResult } from './plugin.ts'

/** Answers a request for a page of a plugin. */
export type Router = (fastify: FastifyInstance, path: string, plugin: Plugin, handler: PageHandler) => void

/** All that a plugin has declared in its `setup`. Nothing of it counts before the whole has come up. */
export interface Contribution {
  readonly plugin: Plugin
  readonly fastify: FastifyInstance
  readonly actions: Map<string, Action>
  readonly tables: Table[]
  readonly migrations: Record<string, Migration>
  readonly searches: ((text: string) => readonly SearchResult[] | Promise<readonly SearchResult[]>)[]
  readonly commands: Command[]
  readonly started: (() => void | Promise<void>)[]
  readonly pages: string[]
  panel?: PageHandler
}

/** What contributions need of the app. */
export interface ContributionEnvironment {
  readonly app: AppHandle
  readonly services: Map<string, unknown>
  readonly route: Router
}

/** Runs a plugin's `setup` and collects what it declares. `setup` has ten seconds. */
export async function contribute(
  plugin: Plugin,
  environment: ContributionEnvironment,
): Promise<Contribution> {
  const contribution: Contribution = {
    plugin,
    fastify: Fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } }),
    actions: new Map(),
    tables: [],
    migrations: {},
    searches: [],
    commands: [],
    started: [],
    pages: [],
  }
  await within(10_000, plugin, async () => plugin.setup(contextOf(contribution, environment)))
  return contribution
}

function contextOf(
  contribution: Contribution,
  { app, services, route }: ContributionEnvironment,
): PluginContext {
  const { plugin, fastify, actions } = contribution
  return {
    app,
    fastify,
    page(path, handler) {
      contribution.pages.push(path)
      route(fastify, `/${plugin.name}${path === '/' ? '' : path}`, plugin, handler)
    },
    action(name, declaration) {
      const action = defineAction(plugin.name, name, declaration)
      if (actions.has(action.id)) {
        throw localappError(
          'LOCALAPP_PLUGIN',
          `The action “${action.id}” is declared twice.`,
          'Rename one of the two.',
        )
      }
      actions.set(action.id, action)
      return action
    },
    table(name, fields) {
      const own = plugin.name.replaceAll('-', '_')
      const table = defineTable(
        name === plugin.name || name === '' ? own : `${own}_${name.replaceAll('-', '_')}`,
        fields,
      )
      contribution.tables.push(table)
      return table
    },
    migrations: (migrations) => void Object.assign(contribution.migrations, migrations),
    search: (find) => void contribution.searches.push(find),
    panel(render) {
      contribution.panel = render
    },
    command: (command) => void contribution.commands.push(command),
    provide: (name, service) => void services.set(name, service),
    service: <T>(name: string) => services.get(name) as T | undefined,
    started: (work) => void contribution.started.push(work),
  }
}

async function within(limit: number, plugin: Plugin, work: () => Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      reject(
        localappError(
          'LOCALAPP_PLUGIN',
          `setup of “${plugin.name}” did not end in ${limit / 1000} s.`,
          'Start slow work in started(), and do not await it.',
        ),
      ),
    limit,
  )
  try {
    await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
