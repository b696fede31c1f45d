import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { localappError } from '../error/error.ts'
import { isPlugin, type Plugin } from './plugin.ts'

/** Where a plugin comes from: a folder of files, one file, a package, a class or an instance. */
export type PluginSource = string | Plugin | (new () => Plugin)

export interface FoundPlugin {
  readonly file?: string
  /** A new `version` has Node import the file anew. */
  load(version?: string): Promise<Plugin>
}

export const isCode = /(?<!\.d|\.test)\.(ts|js|mjs)$/

/**
 * Finds plugins: what the app names, in that order, then installed packages whose package.json has `localapp`.
 * Nothing is imported yet. A folder's files come in the order of their names; `_` at the beginning leaves one out.
 */
export function findPlugins(sources: readonly PluginSource[], root: string): FoundPlugin[] {
  const found = [...sources, ...installedPackages(root)].flatMap((source) => findSource(source, root))
  return [...new Map(found.map((each) => [each.file ?? each, each])).values()]
}

function findSource(source: PluginSource, root: string): FoundPlugin[] {
  if (typeof source !== 'string') return [{ load: async () => instanceOf(source, 'The plugins option') }]
  const isPath = source.startsWith('.') || isAbsolute(source)
  const path = isPath ? resolve(root, source) : declaredFile(source, root)
  if (path === undefined) {
    const what = `“${source}” is no installed package with “localapp” in its package.json.`
    const error = localappError('LOCALAPP_PLUGIN', what, `Install it, or write “./${source}” for a file.`)
    return [{ file: source, load: () => Promise.reject(error) }]
  }
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats && extname(path) === '') return [] // a folder may come later
  if (!stats?.isDirectory()) return [fileAt(path)]
  return readdirSync(path)
    .filter((name) => /^[^_.]/.test(name) && isCode.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => fileAt(join(path, name)))
}

function fileAt(file: string): FoundPlugin {
  return {
    file,
    load: async (version = '') => {
      const module: { default?: unknown } = await import(pathToFileURL(file).href + version)
      return instanceOf(module.default, basename(file))
    },
  }
}

function installedPackages(root: string) {
  const manifest = join(root, 'package.json')
  if (!existsSync(manifest)) return []
  const { dependencies = {} }: { dependencies?: object } = JSON.parse(readFileSync(manifest, 'utf8'))
  return Object.keys(dependencies).filter((name) => declaredFile(name, root))
}

function declaredFile(name: string, root: string) {
  try {
    const manifest = findPackageJSON(name, pathToFileURL(join(root, 'package.json'))) ?? ''
    const { localapp }: { localapp?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'))
    return typeof localapp === 'string' ? join(dirname(manifest), localapp) : undefined
  } catch {
    return undefined // it is not installed
  }
}

function instanceOf(value: unknown, where: string): Plugin {
  if (isPlugin(value)) return value
  if (typeof value === 'function' && isPlugin(value.prototype)) return new (value as new () => Plugin)()
  const fix = 'Write “export default class … extends Plugin”, CrudPlugin({ … }) or PipelinePlugin({ … }).'
  throw localappError('LOCALAPP_PLUGIN', `${where} has no plugin as its default export.`, fix)
}
