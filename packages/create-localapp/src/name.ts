import { builtinModules } from 'node:module'
import { Refusal } from './refusal.ts'

/** Names of plugins that the app, or a plugin of the example app, has already. */
const taken = ['api', 'journal', 'localapp', 'admin', 'assistant']

/** All that a project is called, each made from the name of its package. */
export interface Names {
  /** As npm knows it: `@ann/localapp-reading-list`. */
  readonly packageName: string
  /** `localapp-reading-list` */
  readonly folder: string
  /** `reading-list` */
  readonly plugin: string
  /** `ReadingList` */
  readonly className: string
  /** `Reading list` */
  readonly title: string
}

/** Makes the names of a project. Throws a {@link Refusal} where npm would refuse the name. */
export function namesFrom(packageName: string): Names {
  const refuse = (why: string): never => {
    const instead = suggestion(packageName)
    const hint = instead === undefined ? '' : ` “${instead}” would do.`
    throw new Refusal(`“${packageName}” cannot be the name: ${why}${hint}`, instead)
  }
  if (!/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(packageName))
    refuse('use lower-case letters, digits, dashes and dots, and begin with a letter or a digit.')
  if (packageName.length > 214) refuse('it may have 214 characters.')
  if (packageName === 'node_modules' || builtinModules.includes(packageName)) refuse('Node uses it itself.')
  const folder = packageName.replace(/^@.*\//, '')
  const plugin = folder
    .replace(/^localapp-(plugin-)?/, '')
    .replace(/-plugin$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-$/g, '')
  const words = (plugin || 'app').split('-')
  return {
    packageName,
    folder,
    plugin,
    className: words.map(capital).join(''),
    title: capital(words.join(' ')),
  }
}

/** Throws a {@link Refusal} where a plugin could not be called so. */
export function expectPluginName({ packageName, plugin }: Names): void {
  if (plugin !== '' && !taken.includes(plugin)) return
  const why = plugin === '' ? 'it needs a letter' : `an app has a plugin “${plugin}” already`
  throw new Refusal(`“${packageName}” cannot be the name of a plugin: ${why}. Choose another one.`)
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function suggestion(name: string): string | undefined {
  const likely = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9@/._-]+/g, '-')
    .replace(/^[^a-z0-9@]+|-+$/g, '')
  return /^[a-z0-9][a-z0-9._-]*$/.test(likely) && likely !== name ? likely : undefined
}
