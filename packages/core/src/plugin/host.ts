import { namePattern } from '../action/action.ts'
import { asLocalappError, type LocalappError, localappError } from '../error/error.ts'
import type { Storage } from '../storage/storage.ts'
import { type Contribution, contribute } from './contribution.ts'
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
  /** All of them, failed ones too, in their order. */
  readonly all: HostedPlugin[] = []
  readonly #services = new Map<string, unknown>()

  /** What the plugins that run have contributed. */
  get contributions(): readonly Contribution[] {
    return this.all.flatMap(({ contribution }) => contribution ?? [])
  }

  find(name: string): Contribution | undefined {
    return this.all.find((each) => each.name === name)?.contribution
  }

  /**
   * Loads what was found, then runs what asked to run when all are there. Never throws.
   * `mount` gives a plugin's pages their addresses.
   */
  async load(
    found: readonly FoundPlugin[],
    storage: Storage,
    app: AppHandle,
    mount: (contribution: Contribution) => void,
  ): Promise<void> {
    for (const { file, load } of found) {
      const known = { name: file ?? 'a plugin', file }
      let state: 'failed' | 'migration failed' = 'failed'
      try {
        const contribution = await inTime(async () => {
          const plugin = await load()
          known.name = plugin.name
          this.#expectFree(plugin.name, file)
          return await contribute(plugin, app, this.#services)
        })
        mount(contribution)
        await contribution.fastify.ready()
        state = 'migration failed'
        for (const table of contribution.tables) await storage.follow(table)
        await storage.migrate(known.name, contribution.migrations)
        this.all.push({ ...known, state: 'loaded', contribution })
      } catch (error) {
        this.all.push(failed(known, state, error))
      }
    }
    for (const [index, hosted] of this.all.entries()) {
      try {
        for (const work of hosted.contribution?.started ?? []) await work()
      } catch (error) {
        this.all[index] = failed(hosted, 'failed', error)
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

  #expectFree(name: string, file = 'the plugins option'): void {
    const other = this.all.find((each) => each.name === name)
    const isFree = namePattern.test(name) && !reserved.includes(name)
    if (isFree && !other) return
    throw localappError(
      'LOCALAPP_PLUGIN',
      other
        ? `Two plugins are called “${name}”: ${other.file ?? 'one of the plugins option'} and ${file}.`
        : `“${name}” cannot name a plugin.`,
      `Use lower-case letters, digits and dashes, beginning with a letter, and none of ${reserved.join(', ')}.`,
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
