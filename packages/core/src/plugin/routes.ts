import { localappError } from '../error/error.ts'
import type { PageHandler } from './plugin.ts'

/** A page of the app itself; `to` makes its address. */
export interface Route<Path extends string> {
  readonly path: Path
  to(parameters: Readonly<Record<ParametersOf<Path>, string | number>>): string
}

/** The names of the parameters in a path: `/hello/:name` has `name`. */
export type ParametersOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParametersOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/** Declares pages of the app itself, before it is open. The author's own win over those of plugins. */
export interface Routes {
  get<const Path extends string>(path: Path, handler: PageHandler): Route<Path>
}

export function routesInto(pages: Map<string, PageHandler>): Routes {
  return {
    get(path, handler) {
      declare(pages, path, handler)
      const to = (parameters: Readonly<Record<string, string | number>>) =>
        path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(parameters[name] ?? ''))
      return { path, to }
    },
  }
}

/** Adds what has a name of its own. Throws `LOCALAPP_PLUGIN` when it is taken. */
export function declare<T>(declared: Map<string, T>, name: string, value: T) {
  if (declared.has(name))
    throw localappError('LOCALAPP_PLUGIN', `“${name}” is declared twice.`, 'Rename one of the two.')
  declared.set(name, value)
}
