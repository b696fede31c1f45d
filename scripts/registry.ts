/**
 * The road of a stranger: `pnpm run registry [app|plugin|single-file …] [--built]`. Packs all packages, serves them
 * by a registry on this machine, and with the machine's own Node and npm creates a project of each template, installs
 * it, opens its first page, adds a record and runs its tests. A plugin is published and installed into an app as well.
 * `--built` takes what is in `dist`.
 */
import { execFile, spawn } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { argv, env, exit } from 'node:process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { type LocalRegistry, openRegistry } from './local-registry.ts'
import { root } from './root.ts'

/** What a new app may take at most: packages, megabytes, and milliseconds to its first page. */
const aims = { packages: 100, megabytes: 60, firstPage: 1000 }

const templates = ['app', 'single-file', 'plugin']
const folder = mkdtempSync(join(tmpdir(), 'localapp-registry-'))

/** The environment of somebody who has not got this repository: neither its Node nor what pnpm adds. */
const strangers: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(env).filter(([name]) => !/^(npm_|pnpm_|NODE_)/i.test(name)),
)
strangers.PATH = (env.PATH ?? '')
  .split(delimiter)
  .filter((path) => !path.includes('node_modules'))
  .join(delimiter)

const execute = promisify(execFile)

/** Runs a command as the stranger; the registry answers meanwhile. */
async function run(where: string, command: string, ...args: string[]): Promise<string> {
  try {
    const running = execute(command, args, { cwd: where, env: strangers })
    running.child.stdin?.end()
    return (await running).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

/** Builds and packs all packages, and has the registry serve them. */
async function publishAll(registry: LocalRegistry, packed: string): Promise<void> {
  if (!argv.includes('--built')) await run(root, 'npx', '--yes', 'pnpm@12', 'run', 'build')
  await run(
    root,
    'npx',
    '--yes',
    'pnpm@12',
    '-r',
    '--filter',
    './packages/*',
    'pack',
    '--pack-destination',
    packed,
  )
  for (const file of readdirSync(packed)) registry.publish(join(packed, file))
}

/** A project as a stranger makes it. */
async function create(template: string, name: string): Promise<string> {
  // A cache of its own, for npm would take the create-localapp of an earlier run from its own.
  const cache = `--cache=${join(folder, 'cache')}`
  await run(folder, 'npm', 'create', '--yes', cache, 'localapp', name, '--', '--template', template)
  return join(folder, name)
}

/** Starts an app by `npm start`, has `visit` look at it as a browser that was let in, and ends it. */
async function whileStarted<T>(where: string, visit: (get: Get, first: string) => Promise<T>): Promise<T> {
  const options = { cwd: where, env: strangers, detached: true } as const
  const app = spawn('npm', ['start', '--silent', '--', '--no-open', '--port', '0'], options)
  const ended = new Promise((resolve) => app.once('exit', resolve))
  let said = ''
  app.stderr.on('data', (text) => {
    said += text
  })
  try {
    for await (const line of createInterface(app.stdout)) {
      if (!line.startsWith('http://')) continue
      const { origin } = new URL(line)
      const entered = await fetch(line, { redirect: 'manual' })
      const headers = { cookie: entered.headers.get('set-cookie')?.split(';')[0] ?? '', origin }
      const get: Get = async (path, body) => {
        const payload = body && { method: 'POST', body: JSON.stringify(body) }
        const type = body && { 'content-type': 'application/json' }
        const response = await fetch(new URL(path, origin), { headers: { ...headers, ...type }, ...payload })
        const text = await response.text()
        if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
        return text
      }
      return await visit(get, entered.headers.get('location') ?? '/')
    }
    throw new Error(`The app ended before it had an address. ${said}`)
  } finally {
    if (app.pid !== undefined && app.exitCode === null) process.kill(-app.pid, 'SIGTERM')
    await ended
  }
}

/** Gets a page, or posts JSON; throws for any answer that is not right. */
type Get = (path: string, body?: object) => Promise<string>

function expectIn(text: string, part: string, where: string): void {
  if (!text.includes(part)) throw new Error(`“${part}” is not in ${where}:\n${text}`)
}

/** Starts an app, adds a record to one of its plugins and sees it on the page. Returns milliseconds to the first page. */
async function use(where: string, plugin: string): Promise<number> {
  const begun = performance.now()
  return await whileStarted(where, async (get, first) => {
    expectIn(await get(first), '<!doctype html>', 'the first page')
    const took = performance.now() - begun
    for (const asset of (await get(first)).matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg)[^"]*)"/g))
      await get(String(asset[1]))
    expectIn(await get(`/api/${plugin}/create`, { title: 'Buy milk' }), 'Buy milk', 'the answer')
    expectIn(await get(`/${plugin}`), 'Buy milk', `the page /${plugin}`)
    return took
  })
}

/** What a part of an install takes; files that are one on the disk count once. */
class Share {
  packages = 0
  bytes = 0

  get said(): string {
    return `${this.packages} packages, ${this.megabytes} MB`
  }

  get megabytes(): number {
    return Math.round(this.bytes / 1e6)
  }
}

/**
 * Prints what was installed and tells whether what the app runs on is small enough. What only tests it and checks its
 * types stands apart, and so does the Node that comes along where the machine's is too old.
 */
function measureInstall(where: string): boolean {
  const lock = JSON.parse(readFileSync(join(where, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const shares = { runs: new Share(), tools: new Share(), node: new Share() }
  const shareOf = (path: string): Share => {
    if (/^node_modules\/node(-bin-\w+)?(\/|$)/.test(path)) return shares.node
    return tools.some((tool) => `${path}/`.startsWith(`${tool}/`)) ? shares.tools : shares.runs
  }
  const all = Object.keys(lock.packages)
  const tools = all.filter((path) => lock.packages[path]?.dev)
  for (const path of all) shareOf(path).packages++
  const seen = new Set<number>()
  for (const path of globSync('node_modules/**/*', { cwd: where })) {
    const { size, ino } = statSync(join(where, path))
    if (!seen.has(ino)) shareOf(path).bytes += size
    seen.add(ino)
  }
  const { runs, tools: beside, node } = shares
  console.log(`   it runs on ${runs.said} (aims: < ${aims.packages}, < ${aims.megabytes} MB)`)
  if (beside.packages > 0) console.log(`   its tests and types take ${beside.said} more`)
  if (node.packages > 0) console.log(`   Node ${node.megabytes} MB, since this machine’s is too old`)
  return runs.packages < aims.packages && runs.megabytes < aims.megabytes
}

async function tryTemplate(template: string, registry: LocalRegistry): Promise<boolean> {
  console.log(`\n── ${template}`)
  const begun = performance.now()
  const where = await create(template, template === 'plugin' ? 'localapp-reading' : `my-${template}`)
  const { scripts } = JSON.parse(readFileSync(join(where, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  await run(where, 'npm', 'install', '--no-audit', '--no-fund')
  console.log(`   created and installed in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  const isSmall = measureInstall(where) || template === 'plugin'
  const plugin = template === 'plugin' ? 'reading' : 'todo'
  const times = [await use(where, plugin), await use(where, plugin)].map((time) => Math.round(time))
  console.log(
    `   first page ${times.join(' and ')} ms after the first and second npm start (aim < ${aims.firstPage})`,
  )
  expectIn(
    await run(where, 'npx', 'localapp', 'call', `${plugin}.list`),
    'Buy milk',
    'what the command line lists',
  )
  for (const script of ['types', 'test', 'build']) if (scripts[script]) await run(where, 'npm', 'run', script)
  console.log(`   its record is on the page and the command line; ${Object.keys(scripts).join(', ')} run`)
  if (template === 'plugin') await installIntoApp(where, registry)
  return isSmall
}

/** Publishes a plugin, installs it into a new app, uses it there, and removes it again. */
async function installIntoApp(plugin: string, registry: LocalRegistry): Promise<void> {
  const packed = join(folder, 'plugins')
  mkdirSync(packed)
  await run(plugin, 'npm', 'pack', '--pack-destination', packed)
  for (const file of readdirSync(packed)) registry.publish(join(packed, file))
  const app = await create('single-file', 'its-app')
  await run(app, 'npm', 'install', '--no-audit', '--no-fund', 'localapp-reading')
  await use(app, 'reading')
  await run(app, 'npm', 'uninstall', '--no-audit', '--no-fund', 'localapp-reading')
  await use(app, 'todo')
  console.log('   published, installed into an app, used there and removed')
}

const asked = templates.filter((name) => argv.includes(name))
const behind = (await run(root, 'npm', 'config', 'get', 'registry')).trim()
const registry = await openRegistry(behind)
strangers.npm_config_registry = registry.url
let isGood = true
try {
  const packed = join(folder, 'packed')
  mkdirSync(packed)
  await publishAll(registry, packed)
  for (const file of readdirSync(packed))
    console.log(`${file.padEnd(36)}${Math.round(statSync(join(packed, file)).size / 1000)} kB`.padStart(8))
  console.log(
    `Node ${(await run(folder, 'node', '--version')).trim()}, npm ${(await run(folder, 'npm', '--version')).trim()}`,
  )
  for (const template of asked.length > 0 ? asked : templates)
    isGood = (await tryTemplate(template, registry)) && isGood
  console.log(isGood ? '\nAll is well.' : '\nMore was installed than is aimed at.')
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
  isGood = false
} finally {
  registry.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
exit(isGood ? 0 : 1)
