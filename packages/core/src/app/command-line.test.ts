import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
const core = new URL('../index.ts', import.meta.url).href
const notes = `
import { Plugin, t } from '${core}'
const shout = {
  name: 'shout',
  summary: 'Adds a note in capitals.',
  usage: 'shout <title>',
  options: { twice: { type: 'boolean', help: 'Adds it twice.' } },
  async run({ args, options, call, out }) {
    for (let i = 0; i < (options.twice ? 2 : 1); i++) await call('notes.create', { title: args[0].toUpperCase() })
    out('SHOUTED')
    return 7
  },
}
export default class Notes extends Plugin {
  name = 'notes'
  commands = [shout]
  setup({ page, action, table }) {
    const notes = table('', { title: t.text({ max: 20 }) })
    page('/', () => 'Notes')
    page('/busy', () => 'busy for ' + process.cpuUsage().user + ' µs')
    page('/stray', () => {
      setTimeout(() => { throw new Error('a throw in a timer') })
      Promise.reject(new Error('a promise that nobody awaits'))
      setInterval(() => {}, 1000)
      return 'gone astray'
    })
    action('create', { effect: 'write', input: notes.fields, run: (input, { table }) => table(notes).insert(input) })
    action('list', { effect: 'read', run: (_input, { table }) => table(notes).all().map(({ title }) => title) })
    action('clear', { effect: 'destructive', run: (_input, { table }) => { for (const { id } of table(notes).all()) table(notes).delete(id) } })
  }
}
`

// Every command is a process of its own, and a busy machine starts few of them a second.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
const running = new Set<ChildProcess>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localapp-command-'))
  mkdirSync(join(folder, 'plugins'))
  writeFileSync(join(folder, 'plugins', '10_notes.mjs'), notes)
})

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
})

/** Runs the command line as a user does: another process, without a terminal. */
function localapp(...args: string[]): ChildProcess {
  const child = spawn(execPath, ['--conditions=@localapp/source', bin, ...args], { cwd: folder })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function ended(child: ChildProcess, input = ''): Promise<Ended> {
  child.stdin?.end(input)
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('The child has no streams.')
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(stdout), text(stderr)])
  return { code, out, err }
}

/** Starts a server and waits for the address that it prints. */
async function started(...args: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = localapp('start', '--no-open', '--port', '0', ...args)
  const [printed] = await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  expect(String(printed)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}\n$/)
  return { child, url: String(printed).trim() }
}

async function browse(url: string): Promise<(path: string) => Promise<Response>> {
  const entered = await fetch(url, { redirect: 'manual' })
  const cookie = String(entered.headers.get('set-cookie')).split(';')[0] ?? ''
  return (path) => fetch(new URL(path, url), { headers: { cookie } })
}

test('a command owns the data for its moment: call, call by lines, list', async () => {
  const made = await ended(localapp('call', 'notes.create', '{"title":"Milk"}'))
  expect(made).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(made.out)).toMatchObject({ id: 1, title: 'Milk' })
  const many = await ended(localapp('call', 'notes.create'), '{"title":"Eggs"}\n\n{"title":"Tea"}\n')
  expect(many.out.trim().split('\n')).toHaveLength(2)
  const [newest = ''] = (await ended(localapp('call', 'journal.list', '{"limit":2}'))).out.split('\n')
  expect(JSON.parse(newest)).toMatchObject({ action: 'notes.create', actor: 'cli', input: { title: 'Tea' } })
  const undone = await ended(localapp('call', 'journal.undo', '{"entry":1}', '--yes'))
  expect(undone).toMatchObject({ code: 0, out: '"Undid: Create"\n' })
  expect((await ended(localapp('call', 'notes.list'))).out).toBe('"Eggs"\n"Tea"\n')
  const actions = (await ended(localapp('call'))).out
  expect(actions).toContain('{"id":"notes.create","effect":"write"')
})

test('exit codes tell what became of it: 1 failed, 2 invalid, 3 waits for the user', async () => {
  const invalid = await ended(localapp('call', 'notes.create', '{"titel":"Milk"}'))
  expect(invalid).toMatchObject({ code: 2, out: '' })
  expect(invalid.err).toContain('titel: ')
  const asked = await ended(localapp('call', 'notes.clear', '{}'))
  expect(asked).toMatchObject({ code: 3, out: '' })
  expect(asked.err).toContain('Add --yes')
  expect(await ended(localapp('call', 'notes.clear', '{}', '--yes'))).toMatchObject({ code: 0 })
  for (const args of [['nothing.here'], ['nothing'], ['notes.create', '{"title":']]) {
    const failed = await ended(localapp('call', ...args))
    expect(failed).toMatchObject({ code: 1, out: '' })
    expect(failed.err).not.toContain('    at ')
  }
})

test('what is not known is refused in a sentence', async () => {
  for (const args of [['start', '--prot', '1'], ['--prot'], ['start', '4321'], ['call', '--lines=3']]) {
    const refused = await ended(localapp(...args))
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toMatch(
      /^(Unknown option|“4321” is one argument too many).*\n.*--help” says what it takes\.\n$/,
    )
  }
  expect((await ended(localapp('shuot'))).err).toContain('There is no command “shuot”.')
  expect((await ended(localapp('start', '--port', '65536'))).err).toContain('Port 65536 cannot be used')
})

test('help lists all commands, also those of plugins, and opens no data', async () => {
  const { out, code } = await ended(localapp('help'))
  expect(code).toBe(0)
  for (const usage of ['start [--port N]', 'call [<action>', 'shout <title>']) {
    expect(out).toContain(usage)
  }
  expect((await ended(localapp('shout', '--help'))).out).toContain('--twice  Adds it twice.')
  const data = mkdtempSync(join(tmpdir(), 'localapp-data-'))
  rmSync(data, { recursive: true })
  expect((await ended(localapp('--help', '--data', data))).code).toBe(0)
  expect(() => rmSync(data, { recursive: true })).toThrow('ENOENT')
})

test('a plugin brings a command, which runs with a server and without', async () => {
  expect(await ended(localapp('shout', 'tea', '--twice'))).toEqual({ code: 7, out: 'SHOUTED\n', err: '' })
  await started()
  expect(await ended(localapp('shout', 'milk'))).toMatchObject({ code: 7, out: 'SHOUTED\n' })
  expect((await ended(localapp('call', 'notes.list'))).out).toBe('"TEA"\n"TEA"\n"MILK"\n')
})

test('a bare folder is served; a server that owns the data takes the calls and gives new addresses', async () => {
  const { child, url } = await started()
  const get = await browse(url)
  expect(await (await get('/notes')).text()).toContain('Notes')
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(401)
  expect((await ended(localapp('call', 'notes.create', '{"title":"Milk"}'))).code).toBe(0)
  expect(await ended(localapp('call', 'notes.create', '{"title":5}'))).toMatchObject({ code: 2, out: '' })
  expect(await ended(localapp('call', 'notes.clear', '{}'))).toMatchObject({ code: 3, out: '' })
  expect((await ended(localapp('call', 'nothing'))).err).toContain('There is no action “nothing')
  const again = await ended(localapp('start', '--no-open'))
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining(new URL(url).origin) })
  const second = await browse(again.out.trim())
  expect((await second('/notes')).status).toBe(200)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect((await ended(localapp('call', 'notes.list'))).out).toBe('"Milk"\n')
})

test('the app of a folder is its own command line', async () => {
  const app = `import { fastApp } from '${core}'
const app = await fastApp({ title: 'Mine', workspace: 'mine' })
const hello = app.rt.get('/hello/:name', ({ params }) => 'Hello, ' + params.name + ' at ' + hello.to(params))
await app.run()
`
  writeFileSync(join(folder, 'app.ts'), app)
  const data = join(folder, 'other')
  expect((await ended(localapp('call', 'notes.create', '{"title":"a"}', '--data', data))).code).toBe(0)
  const { url } = await started('--data', data)
  const page = await (await (await browse(url))('/hello/Ann')).text()
  expect(page).toContain('Hello, Ann at /hello/Ann')
  expect(page).toContain('Mine')
})

test('commands wait for each other', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => `{"title":"${i}"}\n`).join('')
  const all = await Promise.all([1, 2, 3].map(() => ended(localapp('call', 'notes.create'), lines)))
  expect(all.map(({ code, err }) => ({ code, err }))).toEqual(Array(3).fill({ code: 0, err: '' }))
  expect((await ended(localapp('call', 'notes.list'))).out.trim().split('\n')).toHaveLength(150)
})

test('a throw in a timer and a forgotten promise are reported with their plugin, and the app goes on', async () => {
  const { child, url } = await started()
  const err = text(child.stderr as NonNullable<ChildProcess['stderr']>)
  const get = await browse(url)
  for (let i = 0; i < 2; i++) expect((await get('/notes/stray')).status).toBe(200)
  expect((await get('/notes')).status).toBe(200)
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await err).toContain('“notes” failed outside of any request')
  expect(await err).toMatch(/a throw in a timer\n.*10_notes\.mjs:\d+/)
  expect(await err).toContain('a promise that nobody awaits')
})

test('what it would say to a terminal that is gone keeps it from nothing', async () => {
  const { child, url } = await started()
  const get = await browse(url)
  const busy = async () => Number(/busy for (\d+)/.exec(await (await get('/notes/busy')).text())?.[1])
  child.stdout?.destroy()
  child.stderr?.destroy()
  await get('/notes/stray')
  const before = await busy()
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect((await busy()) - before).toBeLessThan(700_000)
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a signal ends it in peace, also beside a library that kills where nobody else listens', async () => {
  // As signal-exit does, which comes with many packages.
  const library = `
import { writeFileSync } from 'node:fs'
import { Plugin } from '${core}'
function kill() {
  if (process.listenerCount('SIGTERM') > 1) return
  process.off('SIGTERM', kill)
  process.kill(process.pid, 'SIGTERM')
}
export default class Library extends Plugin {
  name = 'library'
  setup({ page }) {
    page('/', () => String(process.on('SIGTERM', kill) === process))
  }
  async close() {
    await new Promise((resolve) => setTimeout(resolve, 100))
    writeFileSync('closed.txt', 'closed')
  }
}
`
  writeFileSync(join(folder, 'plugins', '20_library.mjs'), library)
  const { child, url } = await started()
  expect(await (await (await browse(url))('/library')).text()).toContain('true')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(existsSync(join(folder, 'closed.txt'))).toBe(true)
})

test('plugins that fail are named at the start by their own file, from the working folder', async () => {
  const bad = {
    '01_lonely.mjs': "import './helper.mjs'\n",
    '02_greedy.mjs': "\nimport { more } from './10_notes.mjs'\n",
    '05_bad.mjs': '\nthrow new Error("oh no")\n',
  }
  for (const [file, source] of Object.entries(bad)) writeFileSync(join(folder, 'plugins', file), source)
  const { child } = await started()
  const err = text(child.stderr as NonNullable<ChildProcess['stderr']>)
  expect((await ended(localapp('shout', 'tea'))).code).toBe(7)
  child.kill('SIGHUP')
  await once(child, 'exit')
  const said = await err
  expect(said).toContain('Plugin “plugins/01_lonely.mjs” failed at plugins/01_lonely.mjs: ')
  expect(said).toContain('Plugin “plugins/02_greedy.mjs” failed at plugins/02_greedy.mjs:2: ')
  expect(said).toMatch(/Plugin “plugins\/05_bad.mjs” failed at plugins\/05_bad\.mjs:2: .*oh no\./)
})

test('a port in use and data that is no database end in a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const busy = await ended(localapp('start', '--no-open', '--port', String(port)))
  other.close()
  expect(busy).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(`Port ${port} cannot be used`),
  })
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data', 'home.db'), 'this is no database, and says so at some length')
  const bad = await ended(localapp('start', '--no-open'))
  expect(bad).toMatchObject({ code: 1, out: '' })
  expect(bad.err.split('\n')).toHaveLength(3)
})

test('no browser is no failure', async () => {
  const empty = { ...process.env, PATH: folder, DISPLAY: ':9', WAYLAND_DISPLAY: 'wayland-9' }
  const child = spawn(execPath, ['--conditions=@localapp/source', bin, '--port', '0'], {
    cwd: folder,
    env: empty,
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const [url] = await once(child.stdout, 'data')
  const get = await browse(String(url).trim())
  expect((await get('/notes')).status).toBe(200)
  child.kill('SIGINT')
  expect(await ended(child)).toMatchObject({ code: 0, err: '' })
})

test('the reader of a pipe may leave early', async () => {
  const lines = Array.from({ length: 20 }, (_, i) => `{"title":"${i}"}\n`).join('')
  await ended(localapp('call', 'notes.create'), lines)
  const child = localapp('call', 'journal.list', '{"limit":1000}')
  child.stdout?.destroy()
  const [err] = await Promise.all([
    text(child.stderr as NonNullable<ChildProcess['stderr']>),
    once(child, 'exit'),
  ])
  expect(err).toBe('')
})
