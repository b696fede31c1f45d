import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const core = fileURLToPath(new URL('..', import.meta.url))

/**
 * Finds `file:line` of what was thrown: in the plugin's own file where the stack has it, else in the first that is
 * neither core's nor of a package; without any, it is the plugin's file.
 */
export function placeOf(thrown: unknown, file?: string) {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const frames = stack.matchAll(/(?<=^|[\s(])((?:file:|\/|[A-Z]:\\)[^\s(]*?)(?:\?\S*?)?:(\d+)(?::\d+)?\)?$/gm)
  const places = Array.from(
    frames,
    ([, path = '', line]) => `${path.startsWith('file:') ? fileURLToPath(path) : path}:${line}`,
  )
  const place =
    places.find((each) => each.startsWith(`${file}:`)) ??
    places.find((each) => !each.includes('node_modules') && !each.startsWith(core)) ??
    file
  return place && relative('', place)
}
