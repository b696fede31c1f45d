import Fastify, { type FastifyInstance } from 'fastify'
import type { Migration } from 'kysely/migration'
import { type Action, defineAction } from '../action/action.ts'
import type { LocalappError } from '../error/error.ts'
import type { MenuEntry } from '../page/shell.ts'
import { defineTable, type Table } from '../storage/table.ts'
import type { AppHandle, HostedPlugin, PageHandler, Plugin, PluginContext, Search } from './plugin.ts'
import { declare, routesInto } from './routes.ts'

export const routerOptions = { ignoreTrailingSlash: true }

/** A plugin, what became of it, and all that it has declared in its `setup`: that counts while it runs. */
export class Contribution implements HostedPlugin {
  name: string
  title: string
  readonly file: string | undefined
  state: HostedPlugin['state'] = 'loaded'
  error?: LocalappError
  place?: string | undefined
  plugin?: Plugin
  readonly fastify = Fastify({ routerOptions })
  /** By their whole address. */
  readonly pages = new Map<string, PageHandler>()
  readonly actions = new Map<string, Action>()
  readonly slots = new Map<string, PageHandler>()
  readonly menu: MenuEntry[] = []
  readonly tables: Table[] = []
  readonly migrations: Record<string, Migration> = {}
  readonly searches: Search[] = []
  readonly started: (() => void | Promise<void>)[] = []

  constructor(name: string, file: string | undefined) {
    this.name = name
    this.title = name
    this.file = file
  }
}

/** Makes a page answer, on the plugin's own server or on the app's. */
export type Mount = (
  path: string,
  handler: PageHandler,
  contribution: Contribution,
  fastify?: FastifyInstance,
) => void

/** Runs a plugin's `setup`, which Fastify gives up after ten seconds, and collects what it declares. */
export async function contribute(
  plugin: Plugin,
  contribution: Contribution,
  app: AppHandle,
  services: Map<string, unknown>,
  mount: Mount,
) {
  const { name, title, fastify, pages, actions, slots, menu, tables, migrations, searches, started } =
    contribution
  const context: Omit<PluginContext, 'fastify'> = {
    app: { ...app, rt: routesInto(pages) },
    page(path, handler) {
      const isFirst = path === '/'
      declare(pages, `/${name}${isFirst ? '' : path}`, handler)
      if (isFirst) menu.push({ title, href: `/${name}` })
    },
    action(action, declaration) {
      const defined = defineAction(name, action, declaration)
      declare(actions, defined.id, defined)
      return defined
    },
    table(table, fields) {
      const full = table === '' || table === name ? name : `${name}_${table}`
      const defined = defineTable(full.replaceAll('-', '_'), fields)
      tables.push(defined)
      return defined
    },
    migrations: (more) => void Object.assign(migrations, more),
    search: (find) => void searches.push(find),
    slot: (place, render) => declare(slots, place, render),
    menu: (title, href) => void menu.push({ title, href }),
    provide: (name, service) => void services.set(name, service),
    service: <T>(name: string) => services.get(name) as T | undefined,
    started: (work) => void started.push(work),
  }
  fastify.register(async function setup(own) {
    await plugin.setup({ ...context, fastify: own })
    for (const [path, handler] of pages) if (isOwn(path, name)) mount(path, handler, contribution, own)
  })
  await fastify.ready()
}

/** Whether an address is under the plugin's name; the others are the app's own. */
export function isOwn(path: string, name: string) {
  return path.split('/')[1] === name
}
