import { globSync, watch } from 'node:fs'
import { registerHooks } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { report } from '../error/error.ts'
import { type FoundPlugin, findPlugins, isCode, type PluginSource } from './find.ts'

/** Has a plugin followed whose file changes, and all of a folder when another file does. Returns how to end it. */
export function watchPlugins(
  sources: readonly PluginSource[],
  root: string,
  follow: (file: string, found: readonly FoundPlugin[]) => Promise<void>,
) {
  const hooks = registerHooks({
    // What a file imports beside it is of its version; packages stay as they are.
    resolve(specifier, { parentURL = '' }, next) {
      const found = next(specifier)
      const [version] = /\?version=\d+$/.exec(parentURL) ?? []
      return version && specifier.startsWith('.') ? { ...found, url: found.url + version } : found
    },
  })
  const changed = new Set<string>()
  let known = findPlugins(sources, root)
  let turn = Promise.resolve()
  const take = async () => {
    const found = findPlugins(sources, root)
    const plugins = [...known, ...found].flatMap(({ file = [] }) => file)
    const affected = [...changed].flatMap((file) =>
      plugins.includes(file) ? file : plugins.filter((each) => file.startsWith(dirname(each))),
    )
    changed.clear()
    known = found
    for (const file of new Set(affected)) await follow(file, found)
  }
  const folders = known.flatMap(({ file = '' }) => {
    if (!isAbsolute(file) || file.includes('node_modules')) return []
    return globSync('{.,**/}', { cwd: dirname(file) }).map((inside) => join(dirname(file), inside))
  })
  const watchers = [...new Set(folders)].flatMap((folder) => {
    try {
      return watch(folder, (_event, name) => {
        if (!name || !isCode.test(name)) return
        // Editors write in several steps.
        if (changed.size === 0) setTimeout(() => (turn = turn.then(take)), 30)
        changed.add(join(folder, name))
      })
    } catch (error) {
      report(`Changes in ${folder} are not followed:`, error)
      return []
    }
  })
  return () => {
    hooks.deregister()
    for (const watcher of watchers) watcher.close()
  }
}
