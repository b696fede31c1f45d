import { relative } from 'node:path'
import { namePattern } from '../action/action.ts'
import { asLocalappError, localappError, report } from '../error/error.ts'
import { inWords } from '../field/field.ts'
import type { Storage } from '../storage/storage.ts'
import { Contribution, contribute, isOwn, type Mount } from './contribution.ts'
import type { FoundPlugin } from './find.ts'
import { placeOf } from './place.ts'
import type { AppHandle } from './plugin.ts'

const reserved = ['api', 'journal', 'localapp']

/** Loads plugins one after the other. One that fails stands there with its reason, and the others do not notice. */
export class PluginHost {
  readonly all: Contribution[] = []
  readonly #services = new Map<string, unknown>()

  get running(): readonly Contribution[] {
    return this.all.filter(({ plugin }) => plugin)
  }

  find(name: string): Contribution | undefined {
    return this.running.find((each) => each.name === name)
  }

  async load(found: readonly FoundPlugin[], storage: Storage, app: AppHandle, mount: Mount) {
    for (const { file, load } of found) {
      const each = new Contribution(file === undefined ? 'a plugin' : relative('', file), file)
      await attempt(each, 'failed', async () => {
        const plugin = await load()
        each.name = plugin.name
        each.title = plugin.title ?? inWords(plugin.name)
        this.#expectFreeName(each)
        await contribute(plugin, each, app, this.#services, mount)
        this.#expectFreePages(each)
        each.plugin = plugin
      })
      await attempt(each, 'migration failed', async () => {
        for (const table of each.tables) await storage.follow(table)
        await storage.migrate(each.name, each.migrations)
      })
      this.all.push(each)
    }
    for (const each of this.running) {
      await attempt(each, 'failed', async () => {
        for (const work of each.started) await work()
        for (const [path, handler] of each.pages) if (!isOwn(path, each.name)) mount(path, handler, each)
      })
    }
  }

  async close() {
    for (const { name, plugin, fastify } of this.running) {
      try {
        await plugin?.close?.()
        await fastify.close()
      } catch (error) {
        report(`“${name}” did not close well:`, error)
      }
    }
  }

  #expectFreeName({ name, file = 'the plugins option' }: Contribution) {
    const other = this.all.find((each) => each.name === name)
    if (namePattern.test(name) && !reserved.includes(name) && !other) return
    const what = other
      ? `Two plugins are called “${name}”: ${other.file ?? 'one of the plugins option'} and ${file}.`
      : `“${name}” cannot name a plugin.`
    const fix = `Use lower-case letters, digits and dashes, and none of ${reserved.join(', ')}.`
    throw localappError('LOCALAPP_PLUGIN', what, fix)
  }

  #expectFreePages({ name, pages }: Contribution) {
    for (const path of pages.keys()) {
      const other = this.running.find((each) => each.pages.has(path))
      if (!other) continue
      const what = `Both “${other.name}” and “${name}” declare the page ${path}.`
      throw localappError('LOCALAPP_PLUGIN', what, 'Leave one of the two plugins out.')
    }
  }
}

/** Takes one step of a plugin's start; what is thrown is kept with the plugin, and ends its start. */
async function attempt(contribution: Contribution, state: Contribution['state'], step: () => Promise<void>) {
  if (contribution.error) return
  try {
    await step()
  } catch (thrown) {
    const { name, file } = contribution
    const fix = 'Mend it, then start the app again.'
    contribution.error = asLocalappError(thrown, 'LOCALAPP_PLUGIN', `“${name}” could not be started`, fix)
    contribution.place = placeOf(thrown, file)
    contribution.state = state
    delete contribution.plugin
  }
}
