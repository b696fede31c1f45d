import { existsSync, realpathSync } from 'node:fs'
import { enableCompileCache, findPackageJSON } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { localappError } from '../error/error.ts'
import type { PluginSource } from '../plugin/find.ts'
import type { AppHandle, PageHandler } from '../plugin/plugin.ts'
import { routesInto } from '../plugin/routes.ts'
import type { Server } from '../storage/ownership.ts'
import type { Runtime } from './runtime.ts'

/** What an app can be told. All of it has a default. */
export interface AppOptions {
  /** The name of the app. Default: `Home`. */
  readonly title?: string
  /** Folders, files and packages of plugins, and plugins themselves. Default: `['./plugins']`. */
  readonly plugins?: readonly PluginSource[]
  /** The folder of the data. Default: `./data`. */
  readonly data?: string
  /** The workspace: the name of the file in the data folder. Default: `home`. */
  readonly workspace?: string
  /** The port on 127.0.0.1; 0 takes a free one. Default: 4321. */
  readonly port?: number
  /** Where relative paths start. Default: the folder of the main module. */
  readonly root?: string
}

export type ResolvedOptions = { -readonly [Name in keyof AppOptions]-?: AppOptions[Name] }

/**
 * An app: its pages, its data, its command line. Before `open` or `serve`, its plugins are none, and its `db`, `actions`
 * and `journal` throw.
 */
export interface App extends Pick<AppHandle, 'rt' | 'db' | 'actions' | 'journal' | 'plugins'> {
  /** Opens the data and loads the plugins, without listening. Waits while a command of another process owns the data. */
  open(): Promise<void>
  /** Opens and listens on 127.0.0.1. Returns an address that lets one browser in, once; each call makes a new one. */
  serve(options?: { port?: number }): Promise<{ url: string; port: number }>
  /** Runs the command line: `process.argv` by default; with no command it starts and serves. */
  run(argv?: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** An {@link App} as its own command line uses it. */
export interface OwnApp extends App {
  /** `--data` names another folder before the app is opened. */
  readonly options: ResolvedOptions
  /** Opens the app, or finds the server that has its data. */
  take(): Promise<Server | undefined>
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
  const app: OwnApp = {
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
      const { ownOrFind } = await import('./session.ts')
      const owner = await ownOrFind(options.data, options.workspace)
      if (!('release' in owner)) return owner
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
        return await opened().serve(port)
      } catch (error) {
        await app.close()
        throw error
      }
    },
    async run(argv = process.argv.slice(2)) {
      // Node keeps what it has compiled, which takes a third off the time to start.
      const manifest = findPackageJSON(import.meta.url) ?? ''
      enableCompileCache(join(dirname(manifest), 'node_modules', '.cache'))
      const { runCommandLine } = await import('./command-line.ts')
      await runCommandLine(argv, app)
    },
    async close() {
      await runtime?.close()
      runtime = undefined
    },
  }
  return app
}

function resolveOptions({
  title = 'Home',
  plugins = ['./plugins'],
  data = 'data',
  workspace = 'home',
  port = 4321,
  root = mainFolder(),
  ...others
}: AppOptions): ResolvedOptions {
  for (const name of Object.keys(others)) {
    const fix = 'It has title, plugins, data, workspace, port and root.'
    throw localappError('LOCALAPP_DECLARATION', `fastApp() has no option “${name}”.`, fix)
  }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(workspace)) {
    const fix = 'Use lower-case letters, digits and dashes.'
    throw localappError('LOCALAPP_DECLARATION', `“${workspace}” cannot name a workspace.`, fix)
  }
  return { title, plugins, workspace, port, root: resolve(root), data: resolve(root, data) }
}

function mainFolder() {
  const [, main = ''] = process.argv
  return existsSync(main) ? dirname(realpathSync(main)) : process.cwd()
}
