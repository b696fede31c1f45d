import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Migration } from 'kysely/migration'
import { type Action, defineAction, namePattern } from '../action/action.ts'
import { asLocalappError, localappError, report } from '../error/error.ts'
import { inWords } from '../field/field.ts'
import type { Storage } from '../storage/storage.ts'
import { defineTable, type Table } from '../storage/table.ts'
import type { FoundPlugin } from './find.ts'
import { placeOf } from './place.ts'
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

type Contribution = ReturnType<typeof contributionOf>

/** A plugin, what became of it, and what it declared in `setup`, which counts while it runs. */
function contributionOf(file: string | undefined) {
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

interface Ground {
  readonly storage: Storage
  readonly app: SharedHandle
  /** The app's own pages, which win. */
  readonly own: ReadonlyMap<string, PageHandler>
  mount(fastify: FastifyInstance, path: string, handler: PageHandler, contribution: Contribution): void
}

const reserved = ['api', 'journal', 'localapp']

/** Loads plugins one by one. One that fails keeps its reason; the others do not notice. */
export class PluginHost {
  /** In the order found. */
  readonly all: Contribution[] = []

  get running() {
    return this.all.filter(({ plugin }) => plugin)
  }

  /** Whose a path is: by a plugin's name, or by a page that it has elsewhere. */
  at(path: string) {
    const [, name] = path.split('/')
    return (
      this.running.find((each) => each.name === name) ??
      this.running.find(({ elsewhere }) => elsewhere.some((page) => page.test(path)))
    )
  }

  async load(found: readonly FoundPlugin[], ground: Ground) {
    for (const each of found) this.all.push(await this.#open(each, ground))
    for (const each of this.running) await begin(each)
  }

  /** Follows one file to what is `found` there now. The old version serves until then. */
  async follow(file: string, found: readonly FoundPlugin[], ground: Ground) {
    const at = this.all.findIndex((each) => each.file === file)
    const place = found.findIndex((each) => each.file === file)
    const old = this.all[at]
    const next = found[place] && (await this.#open(found[place], ground, `?version=${Date.now()}`))
    if (next?.error && old?.plugin) {
      Object.assign(old, { error: next.error, place: next.place })
    } else {
      if (old) this.all.splice(at, 1)
      if (next) this.all.splice(place, 0, next)
      if (old) await end(old)
      if (next?.plugin) await begin(next)
    }
    ground.app.streams.changed(['*'])
  }

  async close() {
    for (const each of this.running) await end(each)
  }

  /** Up to where it may take the place of an older one. */
  async #open({ file, load }: FoundPlugin, ground: Ground, version?: string) {
    const each = contributionOf(file)
    await attempt(each, 'failed', async () => {
      const plugin = await load(version)
      const { name } = plugin
      Object.assign(each, { name, title: plugin.title ?? inWords(name) })
      if (!namePattern.test(name) || reserved.includes(name)) {
        const fix = `Use lower-case letters, digits and dashes, and none of ${reserved.join(', ')}.`
        throw localappError('LOCALAPP_PLUGIN', `“${name}” cannot name a plugin.`, fix)
      }
      this.#expectOne(each, `are called “${name}”`, (other) => other.name === name)
      await this.#contribute(plugin, each, ground)
      for (const page of each.pages.keys())
        this.#expectOne(each, `have the page ${page}`, ({ plugin, pages }) => plugin && pages.has(page))
      Object.assign(each, { plugin })
    })
    await attempt(each, 'migration failed', async () => {
      for (const table of each.tables) await ground.storage.follow(table)
      await ground.storage.migrate(each.name, each.migrations)
    })
    return each
  }

  /** Runs a plugin's `setup`, which Fastify gives up after ten seconds, and collects what it declares. */
  async #contribute(plugin: Plugin, contribution: Contribution, { app, mount, own }: Ground) {
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
        this.running.findLast(({ services }) => services.has(name))?.services.get(name) as T | undefined,
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

  #expectOne({ file }: Contribution, what: string, has: (other: Contribution) => unknown) {
    const other = this.all.find((each) => (file === undefined || each.file !== file) && has(each))
    if (!other) return
    const files = [other.file, file].map((each) => each ?? 'the plugins option').join(' and ')
    throw localappError('LOCALAPP_PLUGIN', `Two plugins ${what}: ${files}.`, 'Leave one of the two out.')
  }
}

async function begin(each: Contribution) {
  await attempt(each, 'failed', async () => {
    for (const work of each.started) await work()
  })
}

async function end({ name, plugin, fastify }: Contribution) {
  try {
    // What never ends must not keep the next version out.
    await Promise.race([plugin?.close?.(), sleep(2_000, undefined, { ref: false })])
    await fastify.close()
  } catch (error) {
    report(`“${name}” did not close well:`, error)
  }
}

/** Takes one step of a plugin's start; what is thrown is kept with the plugin, and ends its start. */
async function attempt(contribution: Contribution, state: Contribution['state'], step: () => Promise<void>) {
  if (contribution.error) return
  try {
    await step()
  } catch (thrown) {
    const { name, file } = contribution
    const fix = 'Mend it and save it, or start the app again.'
    const error = asLocalappError(thrown, 'LOCALAPP_PLUGIN', `“${name}” could not be started`, fix)
    const place = placeOf(thrown, file)
    report(`Plugin “${name}” ${state} at ${place}:`, `${error.message} ${error.fix}`)
    Object.assign(contribution, { error, place, state, plugin: undefined })
  }
}
