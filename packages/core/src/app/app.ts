import { enableCompileCache, findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Journal } from '../action/journal.ts'
import type { CommandedApp } from '../command/session.ts'
import { localappError } from '../error/error.ts'
import type { Actions, HostedPlugin, PageHandler } from '../plugin/plugin.ts'
import { type Routes, routesInto } from '../plugin/routes.ts'
import type { Database } from '../storage/connection.ts'
import { type AppOptions, resolveOptions } from './options.ts'
import type { Runtime } from './runtime.ts'

/** An app: its pages, its data, its command line. */
export interface App {
  readonly rt: Routes
  /** Reads what is committed. Like `actions` and `journal`, it throws before `open` or `serve`. */
  readonly db: Kysely<Database>
  readonly actions: Actions
  readonly journal: Journal
  /** All plugins, and what became of them; none before `open` or `serve`. */
  plugins(): readonly HostedPlugin[]
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
export async function fastApp(given: AppOptions = {}): Promise<App> {
  const options = resolveOptions(given)
  const pages = new Map<string, PageHandler>()
  let runtime: Runtime | undefined
  const opened = () => {
    if (runtime) return runtime
    throw localappError('LOCALAPP_DECLARATION', 'The app is not open yet.', 'Await open() or serve() first.')
  }
  const app: App & CommandedApp = {
    options,
    rt: routesInto(pages),
    get db() {
      return opened().app.db
    },
    get actions() {
      return opened().app.actions
    },
    get journal() {
      return opened().app.journal
    },
    plugins: () => runtime?.app.plugins() ?? [],
    async open() {
      const server = await app.take()
      if (!server) return
      const fix = 'Use that one, stop it, or choose another folder with --data.'
      throw localappError('LOCALAPP_DATA_BUSY', `The app on port ${server.port} uses this data.`, fix)
    },
    async take() {
      if (runtime) return undefined
      // All that is heavy is loaded when it is needed, so that a call through a server is quick.
      const { ownOrFind } = await import('../command/session.ts')
      const owner = await ownOrFind(options.data, options.workspace)
      if ('ask' in owner) return owner
      try {
        const { openRuntime } = await import('./runtime.ts')
        runtime = await openRuntime(options, owner, pages)
        return undefined
      } catch (error) {
        owner.release()
        throw error
      }
    },
    async serve({ port = options.port } = {}) {
      await app.open()
      try {
        return await opened().entrance(port)
      } catch (error) {
        await app.close()
        throw error
      }
    },
    async run(argv = process.argv.slice(2)) {
      // Node keeps what it has compiled, which takes a third off the time to start.
      const manifest = findPackageJSON(import.meta.url) ?? ''
      enableCompileCache(join(dirname(manifest), 'node_modules', '.cache'))
      const { runCommandLine } = await import('../command/command-line.ts')
      await runCommandLine(argv, app)
    },
    async close() {
      await runtime?.close()
      runtime = undefined
    },
  }
  return app
}
