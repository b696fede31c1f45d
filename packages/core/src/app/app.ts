import { enableCompileCache, findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Journal } from '../action/journal.ts'
import { localappError } from '../error/error.ts'
import type { HostedPlugin } from '../plugin/host.ts'
import type { Actions, PageHandler } from '../plugin/plugin.ts'
import type { Database } from '../storage/connection.ts'
import { type AppOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import type { Runtime } from './runtime.ts'

/** A page that the app's author declared; `to` makes its address. */
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

/** Declares pages of the app itself, before it opens. */
export interface Routes {
  get<const Path extends string>(path: Path, handler: PageHandler): Route<Path>
}

/** An app: its pages, its data, its command line. */
export interface App {
  readonly rt: Routes
  /** Reads what is committed. Like `actions` and `journal`, it throws before `open` or `serve`. */
  readonly db: Kysely<Database>
  readonly actions: Actions
  readonly journal: Journal
  /** Opens the data and loads the plugins, without listening. Waits while a command of another process owns the data. */
  open(): Promise<void>
  /** Opens and listens on 127.0.0.1. Returns an address that lets one browser in, once; each call makes a new one. */
  serve(options?: { port?: number }): Promise<{ url: string; port: number }>
  /** Runs the command line: `process.argv` by default; with no command it starts and serves. */
  run(argv?: readonly string[]): Promise<void>
  close(): Promise<void>
}

/**
 * Makes an app. Without options it loads `./plugins`, keeps its data in `./data`, and has no model.
 * Nothing is opened before `run`, `serve` or `open`. Throws `LOCALAPP_DECLARATION` for an option that there is not.
 *
 * @example
 * ```ts
 * const app = await fastApp({ title: 'Home' })
 * await app.run()
 * ```
 */
export async function fastApp(options: AppOptions = {}): Promise<App> {
  return new LocalApp(resolveOptions(options))
}

class LocalApp implements App {
  readonly options: ResolvedOptions
  readonly rt: Routes
  readonly #pages: Map<string, PageHandler>
  #runtime: Runtime | undefined

  constructor(options: ResolvedOptions, pages = new Map<string, PageHandler>()) {
    this.options = options
    this.#pages = pages
    this.rt = {
      get(path, handler) {
        pages.set(path, handler)
        return { path, to: (parameters) => addressOf(path, parameters) }
      },
    }
  }

  get db(): Kysely<Database> {
    return this.#opened.app.db
  }

  get actions(): Actions {
    return this.#opened.app.actions
  }

  get journal(): Journal {
    return this.#opened.app.journal
  }

  get plugins(): readonly HostedPlugin[] {
    return this.#runtime?.host.all ?? []
  }

  async open(): Promise<void> {
    if (this.#runtime) return
    // Only now, so that commands which need no data are quick, and that `run` has its cache before.
    const { openRuntime } = await import('./runtime.ts')
    this.#runtime = await openRuntime(this.options, this.#pages)
  }

  async serve({ port = this.options.port }: { port?: number } = {}): Promise<{ url: string; port: number }> {
    await this.open()
    try {
      return await this.#opened.server.listen(port)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async run(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
    // Node keeps what it has compiled, which takes a third off the time to start.
    const manifest = findPackageJSON(import.meta.url) ?? ''
    enableCompileCache(join(dirname(manifest), 'node_modules', '.cache'))
    const { runCommandLine } = await import('../command/command-line.ts')
    await runCommandLine(
      argv,
      (data) => new LocalApp({ ...this.options, ...(data && { data }) }, this.#pages),
    )
  }

  async close(): Promise<void> {
    await this.#runtime?.close()
    this.#runtime = undefined
  }

  get #opened(): Runtime {
    if (this.#runtime) return this.#runtime
    throw localappError('LOCALAPP_DECLARATION', 'The app is not open yet.', 'Await open() or serve() first.')
  }
}

function addressOf(path: string, parameters: Readonly<Record<string, string | number>>): string {
  return path.replace(/:([A-Za-z]\w*)/g, (_whole, name: string) =>
    encodeURIComponent(String(parameters[name] ?? '')),
  )
}
