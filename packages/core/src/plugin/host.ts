import { namePattern } from '../action/action.ts'
import { asLocalappError, type LocalappError, localappError } from '../error/error.ts'
import type { Storage } from '../storage/storage.ts'
import { type Contribution, type ContributionEnvironment, contribute } from './contribution.ts'
import type { FoundPlugin } from './find.ts'
import { placeOf } from './place.ts'

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

/** Names that are addresses of the app itself. */
const reserved = ['api', 'approval', 'journal', 'localapp']

/** Loads plugins one after the other. One that fails stands there with its reason, and the others do not notice. */
export class PluginHost {
  readonly #plugins: HostedPlugin[] = []
  readonly #environment: ContributionEnvironment
  readonly #storage: Storage

  constructor(environment: ContributionEnvironment, storage: Storage) {
    this.#environment = environment
    this.#storage = storage
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
    for (const each of found) this.#plugins.push(await this.#hosted(each))
    for (const [index, { contribution, file, name }] of this.#plugins.entries()) {
      try {
        for (const work of contribution?.started ?? []) await work()
      } catch (error) {
        this.#plugins[index] = failedPlugin(name, file, 'failed', error)
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

  async #hosted({ file, load }: FoundPlugin): Promise<HostedPlugin> {
    let name = file ?? 'a plugin'
    try {
      const plugin = await load()
      name = plugin.name
      this.#expectFree(name, file)
      const contribution = await contribute(plugin, this.#environment)
      try {
        for (const table of contribution.tables) await this.#storage.follow(table)
        await this.#storage.migrate(name, contribution.migrations)
      } catch (error) {
        return failedPlugin(name, file, 'migration failed', error)
      }
      await contribution.fastify.ready()
      return { name, file, state: 'loaded', contribution }
    } catch (error) {
      return failedPlugin(name, file, 'failed', error)
    }
  }

  #expectFree(name: string, file = 'the plugins option'): void {
    if (!namePattern.test(name) || reserved.includes(name)) {
      const why = reserved.includes(name) ? 'is an address of the app itself' : 'cannot stand in an address'
      const fix = 'Use lower-case letters, digits and dashes, beginning with a letter.'
      throw localappError(
        'LOCALAPP_PLUGIN',
        `The name “${name}” ${why}.`,
        reserved.includes(name) ? 'Choose another name.' : fix,
      )
    }
    const other = this.#plugins.find((each) => each.name === name)
    if (!other) return
    throw localappError(
      'LOCALAPP_PLUGIN',
      `Two plugins are called “${name}”: ${other.file ?? 'one of the plugins option'} and ${file}.`,
      'Give one of them another name.',
    )
  }
}

function failedPlugin(
  name: string,
  file: string | undefined,
  state: 'failed' | 'migration failed',
  thrown: unknown,
): HostedPlugin {
  const error = asLocalappError(
    thrown,
    'LOCALAPP_PLUGIN',
    `“${name}” could not be started`,
    'Mend it, then start the app again.',
  )
  return { name, file, state, error, place: placeOf(thrown, file) }
}
