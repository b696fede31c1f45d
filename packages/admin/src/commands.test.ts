import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const core = import.meta.resolve('@localapp/core')
const app = `
import { fastApp, Plugin, t } from '${core}'
import { admin } from '${new URL('index.ts', import.meta.url)}'
class Notes extends Plugin {
  name = 'notes'
  setup({ action, table }) {
    const notes = table('', { title: t.text() })
    action('create', { effect: 'write', input: notes.fields, run: (input, { table }) => table(notes).insert(input) })
    action('list', { effect: 'read', run: (_input, { table }) => table(notes).all().map(({ title }) => title) })
  }
}
const app = await fastApp({ plugins: ['./plugins', Notes, admin()] })
await app.run()
`

// Every command is a process of its own, and a busy machine starts few of them a second.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
let running: ChildProcessWithoutNullStreams[]

beforeEach(() => {
  running = []
  folder = mkdtempSync(join(tmpdir(), 'localapp-admin-'))
  writeFileSync(join(folder, 'app.mjs'), app)
})
afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
})

/** Runs the command line of the app as a user does: another process, without a terminal. */
function localapp(...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(execPath, ['--conditions=@localapp/source', join(folder, 'app.mjs'), ...args])
  running.push(child)
  return child
}

async function ended(...args: string[]): Promise<{ code: number | null; lines: unknown[]; err: string }> {
  const child = localapp(...args)
  child.stdin.end()
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { code, lines: out.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line))), err }
}

test('journal and undo', async () => {
  await ended('call', 'notes.create', '{"title":"Milk"}')
  await ended('call', 'notes.create', '{"title":"Tea"}')
  expect(await ended('journal', '--limit', '1')).toMatchObject({
    code: 0,
    lines: [{ action: 'notes.create', actor: 'cli', input: { title: 'Tea' } }],
    err: '',
  })
  expect(await ended('undo', '1')).toEqual({ code: 0, lines: ['Undid: Create'], err: '' })
  expect(await ended('undo', '1')).toMatchObject({ code: 1, err: expect.stringContaining('undone already') })
  expect(await ended('undo')).toMatchObject({ code: 2, lines: [], err: expect.stringContaining('entry: ') })
  expect(await ended('call', 'notes.list')).toMatchObject({ lines: ['Tea'] })
  expect(await ended('journal', '--lines=3')).toMatchObject({
    code: 1,
    err: expect.stringContaining('“localapp journal --help” says what it takes.'),
  })
})

test('plugins says which have failed, beside a server and without', async () => {
  expect(await ended('plugins')).toMatchObject({ code: 0, lines: [{ name: 'notes' }, { name: 'admin' }] })
  mkdirSync(join(folder, 'plugins'))
  writeFileSync(join(folder, 'plugins', '05_bad.mjs'), '\nthrow new Error("oh no")\n')
  const failed = {
    code: 1,
    lines: [
      {
        state: 'failed',
        place: expect.stringMatching(/05_bad\.mjs:2$/),
        error: expect.stringContaining('oh no'),
      },
      { name: 'notes', state: 'loaded' },
      { name: 'admin', state: 'loaded' },
    ],
  }
  expect(await ended('plugins')).toMatchObject(failed)
  const server = localapp('start', '--no-open', '--port', '0')
  await once(server.stdout, 'data')
  expect(await ended('plugins')).toMatchObject(failed)
})

test('restore lists the backups, tells what would change, and goes back to one', async () => {
  await ended('call', 'notes.create', '{"title":"Milk"}')
  await ended('backup')
  await ended('call', 'notes.create', '{"title":"Tea"}')
  const listed = await ended('restore')
  expect(listed).toMatchObject({ code: 0, lines: [{ name: expect.stringMatching(/^home-.*-asked\.db$/) }] })
  const [{ name = '' } = {}] = listed.lines as { name?: string }[]
  expect(await ended('restore', name, '--look')).toMatchObject({
    code: 0,
    lines: [{ table: 'notes', goAway: 1 }],
  })
  expect(await ended('restore', name)).toMatchObject({ code: 0, lines: [{ records: 1 }] })
  expect(await ended('call', 'notes.list')).toMatchObject({ lines: ['Milk'] })
  expect(await ended('restore', 'none.db')).toMatchObject({ code: 2, lines: [] })
})

test('doctor tells what it found, and backup makes a copy, beside a server and without', async () => {
  const server = localapp('start', '--no-open', '--port', '0')
  await once(server.stdout, 'data')
  const beside = await ended('backup')
  server.kill('SIGTERM')
  await once(server, 'exit')
  const alone = await ended('backup')
  expect([beside, alone]).toEqual(
    Array(2).fill({ code: 0, lines: [{ file: expect.stringMatching(/home-.*-asked\.db$/) }], err: '' }),
  )
  expect(readdirSync(join(folder, 'data', 'backups'))).toHaveLength(2)
  expect(await ended('doctor')).toMatchObject({
    code: 0,
    lines: expect.arrayContaining([{ name: 'Plugins', ok: true, says: 'All 2 run.' }]),
  })
  mkdirSync(join(folder, 'plugins'))
  writeFileSync(join(folder, 'plugins', 'bad.mjs'), 'throw new Error("oh no")')
  expect(await ended('doctor')).toMatchObject({
    code: 1,
    lines: expect.arrayContaining([expect.objectContaining({ ok: false })]),
  })
})
