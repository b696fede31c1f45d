import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Finds `file:line` in what was thrown: the plugin's own file where the stack has it, else the first file of anyone's. */
export function placeOf(thrown: unknown, file: string | undefined): string | undefined {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const places = [
    ...stack.matchAll(/((?:file:\/\/)?\/[^\s():]+|[A-Z]:\\[^\s():]+)(?:\?[^\s:]*)?:(\d+)/g),
  ].map(([, path = '', line]) => ({
    path: path.startsWith('file:') ? fileURLToPath(path) : path,
    line,
  }))
  const own = places.find(({ path }) => path === file)
  const place = own ?? places.find(({ path }) => !path.includes('node_modules'))
  if (place) return `${relative(process.cwd(), place.path)}:${place.line}`
  return file === undefined ? undefined : relative(process.cwd(), file)
}
