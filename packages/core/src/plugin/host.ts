import { setTimeout as sleep } from 'node:timers/promises'
import { namePattern } from '../action/action.ts'
import { asLocalappError, localappError, report } from '../error/error.ts'
import { inWords } from '../field/field.ts'
import { type Contribution, contribute, contributionOf, type Ground } from './contribution.ts'
import type { FoundPlugin } from './find.ts'
import { placeOf } from './place.ts'

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
      await contribute(plugin, each, ground, this)
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
