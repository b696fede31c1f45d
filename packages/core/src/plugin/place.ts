import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Finds `file:line` in what was thrown: in the plugin's own file where the stack has it, else in the first of anyone's. */
export function placeOf(thrown: unknown, file?: string): string | undefined {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const frames = [...stack.matchAll(/((?:file:|\/|[A-Z]:\\)[^\s(]*?)(?:\?\S*)?:(\d+)(?::\d+)?\)?$/gm)]
  const places = frames.map(([, path = '', line]) => ({
    path: path.startsWith('file:') ? fileURLToPath(path) : path,
    line,
  }))
  const place =
    places.find(({ path }) => path === file) ?? places.find(({ path }) => !path.includes('node_modules'))
  if (place) return `${relative(process.cwd(), place.path)}:${place.line}`
  return file && relative(process.cwd(), file)
}
