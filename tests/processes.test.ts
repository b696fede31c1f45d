import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fastApp, type JournalEntry } from '@localapp/core'
import { expect, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'
import { type Ended, ended, home, started, temporaryFolder } from './home.ts'

const lines = 1_000
const writers = ['first', 'second']
const titles = writers.flatMap((writer) => Array.from({ length: lines }, (_, line) => `${writer} ${line}`))

/** Two command lines at once, each with a thousand lines of its own; gives the ids that they were told. */
async function writeAtOnce(data: string): Promise<number[]> {
  const all = await Promise.all(
    writers.map((writer) => {
      const input = titles
        .filter((title) => title.startsWith(writer))
        .map((title) => JSON.stringify({ title }))
      return ended(home(data, 'call', 'todo.create'), input.join('\n'))
    }),
  )
  expect(all.map(({ code, err }) => ({ code, err }))).toEqual(writers.map(() => ({ code: 0, err: '' })))
  return all.flatMap(({ out }) =>
    out
      .trim()
      .split('\n')
      .map((line): number => JSON.parse(line).id),
  )
}

/** What is in the data that all processes must have let go. */
async function stored(
  data: string,
): Promise<{ rows: { id: number; title: string }[]; entries: JournalEntry[] }> {
  const app = await fastApp({ plugins: [Todo], data })
  await app.open()
  try {
    const rows = await app.db.selectFrom('todo').select(['id', 'title']).execute()
    return { rows: rows as { id: number; title: string }[], entries: app.journal.list({ limit: 10_000 }) }
  } finally {
    await app.close()
  }
}

const titlesOf = (entries: readonly JournalEntry[]): string[] =>
  entries.map(({ input }) => (input as { title: string }).title)

/** Compares every row and every entry with what was sent. */
async function expectAllOf(data: string, told: number[]): Promise<void> {
  const { rows, entries } = await stored(data)
  expect(rows.map(({ title }) => title).sort()).toEqual([...titles].sort())
  expect(rows.map(({ id }) => id).sort()).toEqual([...told].sort())
  expect(titlesOf(entries).sort()).toEqual([...titles].sort())
  expect(new Set(entries.map(({ action, actor, state }) => `${action} ${actor} ${state}`))).toEqual(
    new Set(['todo.create cli done']),
  )
}

/** Begins a thousand lines, runs `stop` once the first is done, and gives what was told until the end came. */
async function cutOff(data: string, stop: (child: ChildProcess) => void): Promise<Ended> {
  const child = home(data, 'call', 'todo.create')
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  child.stdin.on('error', () => {}) // nobody reads the rest
  child.stdin.end(
    titles
      .slice(0, lines)
      .map((title) => `${JSON.stringify({ title })}\n`)
      .join(''),
  )
  await once(child.stdout, 'data')
  stop(child)
  const [code] = await once(child, 'close')
  return { code, out, err }
}

/** All that was told is in the data, and beside it at most the one line that was under way; rows and journal agree. */
async function expectWhatWasTold(data: string, out: string): Promise<void> {
  const whole = out.split('\n').slice(0, -1)
  const told = whole.map((line): string => JSON.parse(line).title)
  const { rows, entries } = await stored(data)
  const kept = rows.map(({ title }) => title)
  expect(kept).toEqual(titles.slice(0, kept.length))
  expect(kept.slice(0, told.length)).toEqual(told)
  expect(kept.length).toBeLessThan(lines)
  expect(kept.length - told.length).toBeLessThanOrEqual(1)
  expect(titlesOf(entries).reverse()).toEqual(kept)
}

// Nearly all of the time is the disk's, which syncs each commit.
test('two command lines that write 1,000 times each take turns, and lose nothing', {
  timeout: 60_000,
}, async () => {
  const data = temporaryFolder()
  await expectAllOf(data, await writeAtOnce(data))
})

test('beside a server, which writes for both of them, they lose nothing either', {
  timeout: 60_000,
}, async () => {
  const data = temporaryFolder()
  const { server } = await started(data)
  const told = await writeAtOnce(data)
  server.kill('SIGTERM')
  expect(await once(server, 'exit')).toEqual([0, null])
  await expectAllOf(data, told)
})

test('what a command line was told stays done when it is killed, and the data is free at once', async () => {
  const data = temporaryFolder()
  const { out } = await cutOff(data, (child) => child.kill('SIGKILL'))
  await expectWhatWasTold(data, out)
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a command line says so when the server ends under it by %s; what it was told stays done',
  async (signal) => {
    const data = temporaryFolder()
    const { server } = await started(data)
    const gone = once(server, 'exit')
    const { code, out, err } = await cutOff(data, () => server.kill(signal))
    expect(code).toBe(1)
    expect(err).toMatch(/^The app that serves this data gave no answer\.\nSee whether it still runs; .*\.\n$/)
    await gone
    await expectWhatWasTold(data, out)
  },
)
