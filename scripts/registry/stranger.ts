import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { env, execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { shell } from '../command.ts'
import { endTree, quoted, run } from './command.ts'
import { commandsOf, type Manager, type ManagerName, managers } from './manager.ts'
import type { LocalRegistry } from './verdaccio.ts'

/** An app that is running, as its browser sees it. */
export interface Visited {
  readonly origin: string
  /** As in `name=value`. */
  readonly cookie: string
  /** The path of the first page. */
  readonly first: string
  /** When it was started, as `performance.now()` counts. */
  readonly begun: number
  /** Gets a page, or posts JSON; throws for any answer that is not right. */
  get(path: string, body?: object): Promise<string>
  /** The status of a page. */
  status(path: string): Promise<number>
  /** What the app wrote for the person at the terminal. */
  said(): string
}

/** Somebody who has not got this repository: with a home, a package manager and what Node the machine has. */
export class Stranger {
  readonly folder: string
  readonly manager: Manager
  readonly #env: NodeJS.ProcessEnv
  /** Versions that new projects are to take, as in `{ rollup: '4.67.4' }`; Yarn alone reads them. */
  readonly #held: Readonly<Record<string, string>>

  private constructor(
    folder: string,
    manager: Manager,
    environment: NodeJS.ProcessEnv,
    held: Readonly<Record<string, string>>,
  ) {
    this.folder = folder
    this.manager = manager
    this.#env = environment
    this.#held = held
  }

  /** Makes a home in a folder, with the package manager in it where it does not come with Node. */
  static async settle(
    folder: string,
    name: ManagerName,
    registry: LocalRegistry,
    held: Readonly<Record<string, string>> = {},
  ): Promise<Stranger> {
    mkdirSync(folder)
    const { package: needed, ownNode = false } = managers[name]
    const tools = join(folder, 'tools')
    const path = [
      ...(needed ? [join(tools, 'node_modules/.bin')] : []),
      ...(ownNode ? [dirname(execPath)] : []),
    ]
    const environment = environmentOf(folder, registry, path)
    if (needed) {
      mkdirSync(tools)
      writeFileSync(join(tools, 'package.json'), '{ "private": true }')
      await run(tools, environment, 'npm', 'install', '--no-audit', '--no-fund', '--silent', needed)
    }
    return new Stranger(folder, commandsOf(name), environment, held)
  }

  /** Runs a command in a folder and gives what it printed. */
  async run(where: string, [command = '', ...args]: readonly string[]): Promise<string> {
    return await run(where, this.#env, command, ...args)
  }

  /** Creates a project and gives its folder. */
  async create(template: string, name: string): Promise<string> {
    await this.run(this.folder, this.manager.create(template, name))
    const where = join(this.folder, name)
    if (Object.keys(this.#held).length > 0) {
      const file = join(where, 'package.json')
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as object
      writeFileSync(file, JSON.stringify({ ...manifest, resolutions: this.#held }, undefined, 2))
    }
    return where
  }

  /** Starts an app by its `start`, has `visit` look at it as a browser that was let in, and ends it. */
  async whileStarted<T>(where: string, visit: (app: Visited) => Promise<T>): Promise<T> {
    const [command = '', ...args] = this.manager.script('start', '--no-open', '--port', '0')
    const begun = performance.now()
    const app = spawn(command, quoted(args), { cwd: where, env: this.#env, detached: !shell, shell })
    const ended = new Promise((resolve) => app.once('exit', resolve))
    let said = ''
    app.stderr.on('data', (text) => {
      said += text
    })
    try {
      for await (const line of createInterface(app.stdout))
        if (line.startsWith('http://')) return await visit(await enter(line, begun, () => said))
      throw new Error(`The app ended before it had an address. ${said}`)
    } finally {
      await endTree(app)
      await ended
    }
  }
}

/** An environment with neither this repository's Node nor what pnpm adds, and with a home of its own. */
function environmentOf(
  home: string,
  { url, npmrc }: LocalRegistry,
  path: readonly string[],
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(npm_|pnpm_|yarn_|bun_|node_|path$|ci$)/i.test(name))
  const inherited = (env.PATH ?? '').split(delimiter).filter((each) => !each.includes('node_modules'))
  const own = Object.fromEntries(
    ['HOME', 'USERPROFILE', 'LOCALAPPDATA', 'APPDATA', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'].map((name) => [
      name,
      home,
    ]),
  )
  return {
    ...Object.fromEntries(kept),
    ...own,
    PATH: [...path, ...inherited].join(delimiter),
    NPM_CONFIG_USERCONFIG: npmrc,
    npm_config_registry: url,
    npm_config_cache: join(home, 'cache'),
    npm_config_update_notifier: 'false',
    NO_COLOR: '1',
    YARN_NPM_REGISTRY_SERVER: url,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    // What was published a moment ago is too young for Yarn 4, and pnpm looks at all of it once more at the first start.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    pnpm_config_minimum_release_age: '0',
    YARN_ENABLE_TELEMETRY: '0',
  }
}

async function enter(address: string, begun: number, said: () => string): Promise<Visited> {
  const { origin } = new URL(address)
  const entered = await fetch(address, { redirect: 'manual' })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const ask = async (path: string, body?: object): Promise<Response> => {
    const payload = body && { method: 'POST', body: JSON.stringify(body) }
    const type = body && { 'content-type': 'application/json' }
    return await fetch(new URL(path, origin), { headers: { cookie, origin, ...type }, ...payload })
  }
  return {
    origin,
    cookie,
    begun,
    said,
    first: entered.headers.get('location') ?? '/',
    status: async (path) => (await ask(path)).status,
    get: async (path, body) => {
      const response = await ask(path, body)
      const text = await response.text()
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
      return text
    },
  }
}
