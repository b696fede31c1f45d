import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Finds `file:line` in what was thrown: in the plugin's own file where the stack has it, else in the first of anyone's. */
export function placeOf(thrown: unknown, file?: string): string | undefined {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const frames = stack.matchAll(/((?:file:|\/|[A-Z]:\\)[^\s(]*?)(?:\?\S*)?:(\d+)(?::\d+)?\)?$/gm)
  const places = Array.from(frames, ([, path = '', line]) =>
    path.startsWith('file:') ? `${fileURLToPath(path)}:${line}` : `${path}:${line}`,
  )
  const place =
    places.find((each) => each.startsWith(`${file}:`)) ??
    places.find((each) => !each.includes('node_modules')) ??
    file
  return place && relative(process.cwd(), place)
}
