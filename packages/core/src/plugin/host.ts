import { namePattern } from '../action/action.ts'
import { asLocalappError, type LocalappError, localappError } from '../error/error.ts'
import type { Storage } from '../storage/storage.ts'
import { type Contribution, contribute, type Router } from './contribution.ts'
import type { FoundPlugin } from './find.ts'
import { placeOf } from './place.ts'
import type { AppHandle } from './plugin.ts'

/** One plugin as the host sees it. */
export interface HostedPlugin {
  /** Its name, or its file where it could not be loaded far enough to have one. */
  readonly name: string
  readonly file: string | undefined
  readonly state: 'loaded' | 'failed' | 'migration failed'
  readonly contribution?: Contribution
  readonly error?: LocalappError
  /** `file:line` of what failed. */
  readonly place?: string | undefined
}

/** Names that stand in addresses and tables of the app itself. */
const reserved = ['api', 'journal', 'localapp']

/** Loads plugins one after the other. One that fails stands there with its reason, and the others do not notice. */
export class PluginHost {
  readonly #plugins: HostedPlugin[] = []
  readonly #services = new Map<string, unknown>()
  readonly #app: AppHandle
  readonly #storage: Storage
  readonly #route: Router

  constructor(app: AppHandle, storage: Storage, route: Router) {
    this.#app = app
    this.#storage = storage
    this.#route = route
  }

  /** All of them, failed ones too, in their order. */
  get all(): readonly HostedPlugin[] {
    return this.#plugins
  }

  /** What the plugins that run have contributed. */
  get contributions(): readonly Contribution[] {
    return this.#plugins.flatMap(({ contribution }) => contribution ?? [])
  }

  find(name: string): Contribution | undefined {
    return this.#plugins.find((each) => each.name === name)?.contribution
  }

  /** Loads what was found, then runs what asked to run when all are there. Never throws. */
  async load(found: readonly FoundPlugin[]): Promise<void> {
    for (const each of found) this.#plugins.push(await this.#bringUp(each))
    for (const [index, hosted] of this.#plugins.entries()) {
      try {
        for (const work of hosted.contribution?.started ?? []) await work()
      } catch (error) {
        this.#plugins[index] = failed(hosted, 'failed', error)
      }
    }
  }

  async close(): Promise<void> {
    for (const { plugin, fastify } of this.contributions) {
      try {
        await plugin.close?.()
        await fastify.close()
      } catch (error) {
        process.stderr.write(`“${plugin.name}” did not close well: ${error}\n`)
      }
    }
  }

  async #bringUp({ file, load }: FoundPlugin): Promise<HostedPlugin> {
    const known = { name: file ?? 'a plugin', file }
    let state: 'failed' | 'migration failed' = 'failed'
    try {
      const contribution = await inTime(async () => {
        const plugin = await load()
        known.name = plugin.name
        this.#expectFree(plugin.name, file)
        return await contribute(plugin, this.#app, this.#services, this.#route)
      })
      state = 'migration failed'
      for (const table of contribution.tables) await this.#storage.follow(table)
      await this.#storage.migrate(known.name, contribution.migrations)
      state = 'failed'
      await contribution.fastify.ready()
      return { ...known, state: 'loaded', contribution }
    } catch (error) {
      return failed(known, state, error)
    }
  }

  #expectFree(name: string, file = 'the plugins option'): void {
    const isReserved = reserved.includes(name)
    const other = this.#plugins.find((each) => each.name === name)
    if (namePattern.test(name) && !isReserved && !other) return
    const why = isReserved ? 'is an address of the app itself' : 'cannot stand in an address'
    throw localappError(
      'LOCALAPP_PLUGIN',
      other
        ? `Two plugins are called “${name}”: ${other.file ?? 'one of the plugins option'} and ${file}.`
        : `The name “${name}” ${why}.`,
      'Choose another name: lower-case letters, digits and dashes, beginning with a letter.',
    )
  }
}

/** A plugin that never ends its import or its `setup` must not keep the others from starting. */
function inTime<T>(work: () => Promise<T>): Promise<T> {
  const error = localappError(
    'LOCALAPP_PLUGIN',
    'It was not set up after 10 s.',
    'Do slow work in started(), without awaiting it.',
  )
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error), 10_000)
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

function failed(
  { name, file }: Pick<HostedPlugin, 'name' | 'file'>,
  state: 'failed' | 'migration failed',
  thrown: unknown,
): HostedPlugin {
  const fix = 'Mend it, then start the app again.'
  const error = asLocalappError(thrown, 'LOCALAPP_PLUGIN', `“${name}” could not be started`, fix)
  return { name, file, state, error, place: placeOf(thrown, file) }
}
