import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Journal } from '../action/journal.ts'
import { runCommandLine } from '../command/command-line.ts'
import { localappError } from '../error/error.ts'
import { declaredCommands } from '../plugin/declared.ts'
import type { Actions, Command, PageHandler } from '../plugin/plugin.ts'
import type { Answers } from '../server/answer.ts'
import type { Database } from '../storage/connection.ts'
import { type Owner, own, readOwner } from '../storage/ownership.ts'
import { type AppOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { Runtime } from './runtime.ts'

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
  readonly options: ResolvedOptions
  readonly rt: Routes
  /** Reads what is committed. Throws before `open` or `serve`. */
  readonly db: Kysely<Database>
  readonly actions: Actions
  readonly journal: Journal
  /** Opens the data and loads the plugins, without listening. Waits while a command of another process owns the data. */
  open(): Promise<Runtime>
  /** Opens and listens on 127.0.0.1. Returns the address that lets one browser in, once. */
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
  readonly #declared: ((fastify: FastifyInstance, answers: Answers) => void)[] = []
  #runtime: Runtime | undefined

  constructor(options: ResolvedOptions) {
    this.options = options
    this.rt = {
      get: (path, handler) => {
        this.#declared.push((fastify, answers) => answers.route(fastify, path, options.title, handler))
        return { path, to: (parameters) => addressOf(path, parameters) }
      },
    }
  }

  get db(): Kysely<Database> {
    return this.#opened.storage.db
  }

  get actions(): Actions {
    return this.#opened.actions
  }

  get journal(): Journal {
    return this.#opened.journal
  }

  async open(): Promise<Runtime> {
    if (this.#runtime) return this.#runtime
    const owner = await ownSoon(this.options)
    try {
      this.#runtime = await Runtime.open(this.options, owner, (fastify, answers) => {
        for (const declare of this.#declared) declare(fastify, answers)
      })
    } catch (error) {
      owner.release()
      throw error
    }
    return this.#runtime
  }

  async serve({ port = this.options.port }: { port?: number } = {}): Promise<{ url: string; port: number }> {
    const runtime = await this.open()
    try {
      const listening = await runtime.listen(port)
      return { url: runtime.entrance(), port: listening }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async run(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
    await runCommandLine(argv, this.options, (options) => this.#with(options))
  }

  async close(): Promise<void> {
    await this.#runtime?.close()
    this.#runtime = undefined
  }

  async commands(): Promise<readonly Command[]> {
    return await declaredCommands(this.options)
  }

  /** The same app with what the command line said. */
  #with(options: ResolvedOptions): LocalApp {
    const app = new LocalApp(options)
    app.#declared.push(...this.#declared)
    return app
  }

  get #opened(): Runtime {
    if (this.#runtime) return this.#runtime
    throw localappError('LOCALAPP_DECLARATION', 'The app is not open yet.', 'Await open() or serve() first.')
  }
}

/** Waits for the workspace while another process uses it for its moment; a server keeps it. */
async function ownSoon({ data, workspace }: ResolvedOptions): Promise<Owner> {
  const patience = Date.now() + 30_000
  for (;;) {
    const owner = own(data, workspace)
    if (owner) return owner
    const other = readOwner(data, workspace)
    if (other?.port !== undefined || Date.now() > patience) {
      throw localappError(
        'LOCALAPP_DATA_BUSY',
        `Another process (${other?.pid ?? 'unknown'}) uses this data${other?.port === undefined ? '' : `, and serves it on port ${other.port}`}.`,
        'Use that one, stop it, or choose another folder with --data.',
      )
    }
    await sleep(10 + Math.random() * 20)
  }
}

function addressOf(path: string, parameters: Readonly<Record<string, string | number>>): string {
  return path.replace(/:([A-Za-z]\w*)/g, (_whole, name: string) =>
    encodeURIComponent(String(parameters[name] ?? '')),
  )
}
