import { readFileSync, statSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { cwd } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type LocalappError, localappError } from '@localapp/core'
import { initSync, parse } from 'es-module-lexer'

/** What goes to the browser. Its version is another one when the file changes. */
export interface Loaded {
  readonly version: string
  readonly body: string
}

/** A file that a browser can use as it is: one that asks for nothing else. It may be changed while the app runs. */
export class SelfContained {
  readonly type: string
  readonly #name: string
  readonly #find: () => string
  readonly #problem: (text: string) => string | undefined
  #loaded: Loaded | undefined

  /** `name` is what the user wrote, `home` the file of the plugin that wrote it. */
  constructor(kind: 'module' | 'css', name: string, home: () => string | undefined) {
    const isModule = kind === 'module'
    this.type = `${isModule ? 'text/javascript' : 'text/css'}; charset=utf-8`
    this.#name = name
    this.#find = () => fileOf(name, home())
    this.#problem = isModule ? problemOfModule : problemOfStyle
  }

  /** Reads the file, once for each version of it. Throws `LOCALAPP_DECLARATION` where no browser could use it. */
  load(): Loaded {
    const file = this.#find()
    const stats = statSync(file, { throwIfNoEntry: false })
    if (!stats?.isFile()) throw this.#refusal(`is no file: ${file}`, 'Correct “module” or “css”.')
    const version = `${Math.round(stats.mtimeMs)}-${stats.size}`
    if (this.#loaded?.version === version) return this.#loaded
    const body = readFileSync(file, 'utf8')
    const problem = this.#problem(body)
    if (problem !== undefined) {
      const fix = `Bundle it into one file: npx esbuild ${file} --bundle --format=esm --outfile=bundle.js`
      throw this.#refusal(problem, fix)
    }
    this.#loaded = { version, body }
    return this.#loaded
  }

  #refusal(problem: string, fix: string): LocalappError {
    return localappError('LOCALAPP_DECLARATION', `“${this.#name}” ${problem}.`, fix)
  }
}

/** `./map.js` stands beside the plugin's file, a name in an installed package; others are whole paths. */
function fileOf(name: string, home: string | undefined): string {
  if (name.startsWith('file:')) return fileURLToPath(name)
  const base = home ?? join(cwd(), 'app.js')
  if (name.startsWith('.') || isAbsolute(name)) return resolve(dirname(base), name)
  const [, packageName = name, path = ''] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(name) ?? []
  try {
    const manifest = findPackageJSON(packageName, pathToFileURL(base)) ?? ''
    const entry = path || entryOf(JSON.parse(readFileSync(manifest, 'utf8')))
    return join(dirname(manifest), entry)
  } catch (cause) {
    const what = `“${packageName}” is no installed package.`
    throw localappError('LOCALAPP_DECLARATION', what, `Install it, or write “./${name}” for a file.`, cause)
  }
}

interface Manifest {
  readonly exports?: unknown
  readonly module?: string
  readonly main?: string
}

/** The file that a browser would take. */
function entryOf({ exports, module, main }: Manifest): string {
  const pick = (target: unknown): string | undefined => {
    if (typeof target === 'string') return target
    if (typeof target !== 'object' || target === null) return undefined
    const { '.': root, browser, import: imported, default: other } = target as Record<string, unknown>
    return pick(root) ?? pick(browser) ?? pick(imported) ?? pick(other)
  }
  return pick(exports) ?? module ?? main ?? 'index.js'
}

/** A module in a browser has no packages, and other addresses are closed to it. */
function problemOfModule(text: string): string | undefined {
  initSync()
  try {
    const [imports] = parse(text)
    const found = imports.find(({ n }) => n !== undefined)
    return found && `imports “${found.n}”, and a widget's module has to be one file`
  } catch {
    return 'is no ES module'
  }
}

function problemOfStyle(text: string): string | undefined {
  const [, name] = /@import\s+(?:url\()?["']?([^"')\s;]+)|/i.exec(text) ?? []
  const [, address] = /url\(\s*["']?(?!data:|#)([^"')\s]{1,200})/i.exec(text) ?? []
  const found = name ?? address
  return found && `asks for “${found}”, and a widget's styles have to be one file`
}
