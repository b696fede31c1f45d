import type { FastifyInstance } from 'fastify'
import type { Migration } from 'kysely/migration'
import { type Action, defineAction } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import { defineTable, type Table } from '../storage/table.ts'
import { makeFastify } from './fastify.ts'
import type { AppHandle, PageHandler, Plugin, PluginContext, Search } from './plugin.ts'

/** All that a plugin has declared in its `setup`. Nothing of it counts before the whole has come up. */
export class Contribution {
  readonly plugin: Plugin
  readonly fastify: FastifyInstance = makeFastify()
  readonly pages: Map<string, PageHandler> = new Map()
  readonly actions: Map<string, Action> = new Map()
  readonly tables: Table[] = []
  readonly migrations: Record<string, Migration> = {}
  readonly searches: Search[] = []
  readonly started: (() => void | Promise<void>)[] = []
  panel?: PageHandler

  constructor(plugin: Plugin) {
    this.plugin = plugin
  }
}

export type Mount = (fastify: FastifyInstance, contribution: Contribution) => void

/** Runs a plugin's `setup`, which Fastify gives up after ten seconds, and collects what it declares. */
export async function contribute(
  plugin: Plugin,
  app: AppHandle,
  services: Map<string, unknown>,
  mount: Mount,
): Promise<Contribution> {
  const contribution = new Contribution(plugin)
  const { fastify, pages, actions, tables, migrations, searches, started } = contribution
  const context: Omit<PluginContext, 'fastify'> = {
    app,
    page: (path, handler) => add(pages, path, handler),
    action(name, declaration) {
      const action = defineAction(plugin.name, name, declaration)
      add(actions, action.id, action)
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
  fastify.register(async function setup(own) {
    await plugin.setup({ ...context, fastify: own })
    mount(own, contribution)
  })
  await fastify.ready()
  return contribution
}

function add<T>(declared: Map<string, T>, name: string, value: T): void {
  if (declared.has(name))
    throw localappError('LOCALAPP_PLUGIN', `“${name}” is declared twice.`, 'Rename one of the two.')
  declared.set(name, value)
}
