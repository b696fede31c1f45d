import { once } from 'node:events'
import { fastApp } from '@localapp/core'
import { expect, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'
import { ended, home, started, temporaryFolder } from './home.ts'

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

/** Opens the data, which the processes must have let go, and compares every row and every entry with what was sent. */
async function expectAllOf(data: string, told: number[]): Promise<void> {
  const app = await fastApp({ plugins: [Todo], data })
  await app.open()
  try {
    const rows = await app.db.selectFrom('todo').select(['id', 'title']).execute()
    expect(rows.map(({ title }) => title).sort()).toEqual([...titles].sort())
    expect(rows.map(({ id }) => id).sort()).toEqual([...told].sort())
    const entries = app.journal.list({ limit: 2 * titles.length })
    expect(entries.map(({ input }) => (input as { title: string }).title).sort()).toEqual([...titles].sort())
    expect(new Set(entries.map(({ action, actor, state }) => `${action} ${actor} ${state}`))).toEqual(
      new Set(['todo.create cli done']),
    )
  } finally {
    await app.close()
  }
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
