import { existsSync, readFileSync, statSync } from 'node:fs'
import { extname, resolve, sep } from 'node:path'

/** A page of the site; its address starts from the site's own folder. */
export interface Link {
  readonly title: string
  readonly href: string
}

/** What `contents.json` of a built site holds. */
export interface Contents {
  readonly guides: readonly Link[]
  readonly packages: readonly Link[]
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.txt': 'text/plain; charset=utf-8',
}

/** The files of a built site. It may be built, or built again, while the app runs. */
export class Site {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = resolve(folder)
  }

  /** Undefined where nothing is built. */
  contents(): Contents | undefined {
    const file = resolve(this.#folder, 'contents.json')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Contents) : undefined
  }

  /** A file of the site; undefined for whatever else a path may name. */
  file(path: string): { readonly type: string; readonly body: Buffer } | undefined {
    const file = resolve(this.#folder, path)
    const type = types[extname(file)]
    if (type === undefined || path.includes('\0') || !file.startsWith(this.#folder + sep)) return undefined
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined
    return { type, body: readFileSync(file) }
  }
}
