import { relative } from 'node:path'
import { namePattern } from '../action/action.ts'
import { asLocalappError, type LocalappError, localappError, report } from '../error/error.ts'
import type { Storage } from '../storage/storage.ts'
import { type Contribution, contribute, type Mount } from './contribution.ts'
import type { FoundPlugin } from './find.ts'
import { placeOf } from './place.ts'
import type { AppHandle } from './plugin.ts'

export interface HostedPlugin {
  /** Its name, or its file where it could not be loaded far enough to have one. */
  name: string
  readonly file: string | undefined
  state: 'loaded' | 'failed' | 'migration failed'
  contribution?: Contribution
  error?: LocalappError
  /** `file:line` of what failed. */
  place?: string | undefined
}

/** Names that stand in addresses and tables of the app itself. */
const reserved = ['api', 'journal', 'localapp']

/** Loads plugins one after the other. One that fails stands there with its reason, and the others do not notice. */
export class PluginHost {
  readonly all: HostedPlugin[] = []
  readonly #services = new Map<string, unknown>()

  get contributions(): readonly Contribution[] {
    return this.all.flatMap(({ contribution }) => contribution ?? [])
  }

  find(name: string): Contribution | undefined {
    return this.all.find((each) => each.name === name)?.contribution
  }

  async load(found: readonly FoundPlugin[], storage: Storage, app: AppHandle, mount: Mount): Promise<void> {
    for (const { file, load } of found) {
      const name = file === undefined ? 'a plugin' : relative('', file)
      const hosted: HostedPlugin = { name, file, state: 'loaded' }
      await attempt(hosted, 'failed', async () => {
        const plugin = await load()
        hosted.name = plugin.name
        this.#expectFree(hosted)
        hosted.contribution = await contribute(plugin, app, this.#services, mount)
      })
      await attempt(hosted, 'migration failed', async () => {
        for (const table of hosted.contribution?.tables ?? []) await storage.follow(table)
        await storage.migrate(hosted.name, hosted.contribution?.migrations ?? {})
      })
      this.all.push(hosted)
    }
    for (const hosted of this.all) {
      await attempt(hosted, 'failed', async () => {
        for (const work of hosted.contribution?.started ?? []) await work()
      })
    }
  }

  async close(): Promise<void> {
    for (const { plugin, fastify } of this.contributions) {
      try {
        await plugin.close?.()
        await fastify.close()
      } catch (error) {
        report(`“${plugin.name}” did not close well:`, error)
      }
    }
  }

  #expectFree({ name, file = 'the plugins option' }: HostedPlugin): void {
    const other = this.all.find((each) => each.name === name)
    if (namePattern.test(name) && !reserved.includes(name) && !other) return
    const what = other
      ? `Two plugins are called “${name}”: ${other.file ?? 'one of the plugins option'} and ${file}.`
      : `“${name}” cannot name a plugin.`
    const fix = `Use lower-case letters, digits and dashes, and none of ${reserved.join(', ')}.`
    throw localappError('LOCALAPP_PLUGIN', what, fix)
  }
}

/** Takes one step of a plugin's start; what is thrown is kept with the plugin, and ends its start. */
async function attempt(
  hosted: HostedPlugin,
  state: HostedPlugin['state'],
  step: () => Promise<void>,
): Promise<void> {
  if (hosted.error) return
  try {
    await step()
  } catch (thrown) {
    const fix = 'Mend it, then start the app again.'
    hosted.error = asLocalappError(thrown, 'LOCALAPP_PLUGIN', `“${hosted.name}” could not be started`, fix)
    hosted.place = placeOf(thrown, hosted.file)
    hosted.state = state
    delete hosted.contribution
  }
}
