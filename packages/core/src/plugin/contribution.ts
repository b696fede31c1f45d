import { relative } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Migration } from 'kysely/migration'
import { type Action, defineAction } from '../action/action.ts'
import type { Storage } from '../storage/storage.ts'
import { defineTable, type Table } from '../storage/table.ts'
import type {
  AppHandle,
  HostedPlugin,
  MenuEntry,
  PageHandler,
  Plugin,
  PluginContext,
  Search,
} from './plugin.ts'
import { declare, routesInto } from './routes.ts'

/** What all plugins are given alike. */
export type SharedHandle = Omit<AppHandle, 'rt' | 'onChanged'>

export const routerOptions = { ignoreTrailingSlash: true }

export type Contribution = ReturnType<typeof contributionOf>

/** A plugin, what became of it, and what it declared in `setup`, which counts while it runs. */
export function contributionOf(file: string | undefined) {
  const name = file === undefined ? 'a plugin' : relative('', file)
  return {
    ...({ name, title: name, file, state: 'loaded' } as Omit<HostedPlugin, 'searches'>),
    fastify: Fastify({ routerOptions }),
    /** By their whole address. */
    pages: new Map<string, PageHandler>(),
    actions: new Map<string, Action>(),
    slots: new Map<string, PageHandler>(),
    menu: [] as MenuEntry[],
    tables: [] as Table[],
    migrations: {} as Record<string, Migration>,
    searches: [] as Search[],
    /** Pages that are not under the plugin's name. */
    elsewhere: [] as RegExp[],
    services: new Map<string, unknown>(),
    listeners: [] as Parameters<AppHandle['onChanged']>[0][],
    started: [] as (() => void | Promise<void>)[],
  }
}

export interface Ground {
  readonly storage: Storage
  readonly app: SharedHandle
  /** The app's own pages, which win. */
  readonly own: ReadonlyMap<string, PageHandler>
  mount(fastify: FastifyInstance, path: string, handler: PageHandler, contribution: Contribution): void
}

/** Runs a plugin's `setup`, which Fastify gives up after ten seconds, and collects what it declares. */
export async function contribute(
  plugin: Plugin,
  contribution: Contribution,
  { app, mount, own }: Ground,
  host: { readonly running: readonly Contribution[] },
) {
  const { name, title, fastify, pages, actions, slots, menu, tables, migrations, searches } = contribution
  const { elsewhere, services, listeners, started } = contribution
  const context: Omit<PluginContext, 'fastify'> = {
    app: { ...app, rt: routesInto(pages), onChanged: (listener) => void listeners.push(listener) },
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
    service: <T>(name: string) =>
      host.running.findLast(({ services }) => services.has(name))?.services.get(name) as T | undefined,
    started: (work) => void started.push(work),
  }
  fastify.register(async function setup(fastify) {
    await plugin.setup({ ...context, fastify })
    for (const [path, handler] of pages) {
      mount(fastify, path, handler, contribution)
      if (path.split('/')[1] === name || own.has(path)) continue
      const pattern = path.replaceAll('.', '\\.').replaceAll('*', '.*').replace(/:\w+/g, '[^/]+')
      elsewhere.push(new RegExp(`^${pattern.replace(/\/?$/, '/?$')}`))
    }
  })
  await fastify.ready()
}
