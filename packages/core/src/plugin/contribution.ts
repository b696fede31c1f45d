import Fastify, { type FastifyInstance } from 'fastify'
import type { Migration } from 'kysely/migration'
import { type Action, defineAction } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import { defineTable, type Table } from '../storage/table.ts'
import type { AppHandle, PageHandler, Plugin, PluginContext, Search } from './plugin.ts'

/** Adds a page to a plugin's own routes. */
export type Router = (fastify: FastifyInstance, path: string, plugin: Plugin, handler: PageHandler) => void

/** All that a plugin has declared in its `setup`. Nothing of it counts before the whole has come up. */
export interface Contribution {
  readonly plugin: Plugin
  readonly fastify: FastifyInstance
  readonly pages: string[]
  readonly actions: Map<string, Action>
  readonly tables: Table[]
  readonly migrations: Record<string, Migration>
  readonly searches: Search[]
  readonly started: (() => void | Promise<void>)[]
  panel?: PageHandler
}

/** Runs a plugin's `setup` and collects what it declares. */
export async function contribute(
  plugin: Plugin,
  app: AppHandle,
  services: Map<string, unknown>,
  route: Router,
): Promise<Contribution> {
  const fastify = Fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } })
  const contribution: Contribution = {
    plugin,
    fastify,
    pages: [],
    actions: new Map(),
    tables: [],
    migrations: {},
    searches: [],
    started: [],
  }
  const { pages, actions, tables, migrations, searches, started } = contribution
  const context: PluginContext = {
    app,
    fastify,
    page(path, handler) {
      pages.push(path)
      route(fastify, `/${plugin.name}${path === '/' ? '' : path}`, plugin, handler)
    },
    action(name, declaration) {
      const action = defineAction(plugin.name, name, declaration)
      if (actions.has(action.id)) {
        const what = `The action “${action.id}” is declared twice.`
        throw localappError('LOCALAPP_PLUGIN', what, 'Rename one of the two.')
      }
      actions.set(action.id, action)
      return action
    },
    table(name, fields) {
      const full = name === '' || name === plugin.name ? plugin.name : `${plugin.name}_${name}`
      const table = defineTable(full.replaceAll('-', '_'), fields)
      tables.push(table)
      return table
    },
    migrations: (more) => void Object.assign(migrations, more),
    search: (find) => void searches.push(find),
    panel(render) {
      contribution.panel = render
    },
    provide: (name, service) => void services.set(name, service),
    service: <T>(name: string) => services.get(name) as T | undefined,
    started: (work) => void started.push(work),
  }
  await plugin.setup(context)
  return contribution
}
