import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath, stdout } from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { type TestApp, testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { PipelinePlugin, pipe, t, type Work } from './index.ts'
import type { Seen } from './runs.ts'

/** What the work does: each test decides. */
let work: (work: Work<{ names: string[] }>) => Promise<unknown>

class Sizes extends PipelinePlugin({
  name: 'sizes',
  steps: pipe()
    .ask('names', { title: 'Which?', fields: { names: t.list(t.text()) } })
    .run('sizes', { title: 'Measure', run: (given) => work(given) }),
}) {}

async function call(app: TestApp, name: string, input: object = {}): Promise<Seen> {
  const outcome = await app.call(`sizes.${name}`, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as Seen
}

async function begun(names: string[]): Promise<TestApp> {
  const app = await testApp({ plugins: [Sizes] })
  onTestFinished(() => app.close())
  await call(app, 'start')
  await call(app, 'answer-names', { run: 1, names })
  return app
}

const show = (app: TestApp): Promise<Seen> => call(app, 'show', { run: 1, seconds: 20 })

test('what was kept is not made again by a retry; a revert makes all again', async () => {
  const made: string[] = []
  let broken = true
  work = async ({ input, keep }) => {
    const sizes: number[] = []
    for (const name of input.names) {
      const size = await keep(name, () => {
        if (name === 'c' && broken) throw new Error('No c.')
        made.push(name)
        return { size: name.length, at: new Date(0) }
      })
      expect(size.at).toBe('1970-01-01T00:00:00.000Z')
      sizes.push(size.size)
    }
    return sizes
  }
  const app = await begun(['a', 'b', 'c', 'd'])
  expect(await show(app)).toMatchObject({ state: 'failed', error: 'No c.' })
  expect(made).toEqual(['a', 'b'])
  broken = false
  await call(app, 'retry', { run: 1 })
  expect((await show(app)).steps[1]?.output).toEqual([1, 1, 1, 1])
  expect(made).toEqual(['a', 'b', 'c', 'd'])
  await call(app, 'revert', { run: 1, step: 'sizes' })
  await call(app, 'retry', { run: 1 })
  await show(app)
  expect(made).toHaveLength(8)
})

test('the key of work stays through retries, and is another after a revert and in another run', async () => {
  const keys: string[] = []
  work = async ({ key }) => {
    keys.push(key)
    if (keys.length === 1) throw new Error('Once more.')
  }
  const app = await begun([])
  await show(app)
  await call(app, 'retry', { run: 1 })
  await show(app)
  await call(app, 'revert', { run: 1, step: 'sizes' })
  await call(app, 'retry', { run: 1 })
  await show(app)
  await call(app, 'start')
  await call(app, 'answer-names', { run: 2, names: [] })
  await call(app, 'show', { run: 2, seconds: 20 })
  expect(keys).toHaveLength(4)
  expect(keys[0]).toBe(keys[1])
  expect(new Set(keys).size).toBe(3)
})

const bin = fileURLToPath(new URL('../../core/src/app/bin.ts', import.meta.url))

/** A folder with an app of one pipeline, which logs what it does. */
function folderWith(steps: string) {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-engine-'))
  const log = join(folder, 'log')
  const children: ChildProcess[] = []
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, maxRetries: 5 })
  })
  mkdirSync(join(folder, 'plugins'))
  writeFileSync(log, '')
  const text = `
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PipelinePlugin, pipe } from '${new URL('index.ts', import.meta.url).href}'
const log = (text) => appendFileSync(${JSON.stringify(log)}, text + '\\n')
export default class extends PipelinePlugin({ name: 'many', steps: ${steps} }) {}
`
  writeFileSync(join(folder, 'plugins/many.mjs'), text)
  return {
    localapp(...args: string[]) {
      const child = spawn(execPath, ['--conditions=@localapp/source', bin, ...args], { cwd: folder })
      children.push(child)
      return child
    },
    begun: () => readFileSync(log, 'utf8').match(/.+/g) ?? [],
    rows(sql: string) {
      const file = join(folder, 'data/home.db')
      if (!existsSync(file)) return []
      const database = new DatabaseSync(file)
      try {
        return database.prepare(sql).all()
      } finally {
        database.close()
      }
    },
  }
}

test('work that is not to begin again by itself waits for Retry after a kill', async () => {
  const { localapp, begun, rows } = folderWith(`pipe().run('pay', {
    title: 'Pay', resumes: false, run: async () => { log('paid'); await sleep(60_000) } })`)
  const server = localapp('start', '--no-open', '--port', '0')
  await once(server.stdout as NodeJS.ReadableStream, 'data')
  await once(localapp('call', 'many.start', '{}', '--yes'), 'exit')
  await expect.poll(begun, { timeout: 20_000 }).toEqual(['paid'])
  server.kill('SIGKILL')
  await once(server, 'exit')
  await once(localapp('call', 'many.list', '{}'), 'exit')
  expect(rows('select state, error from many_attempt')).toEqual([
    { state: 'failed', error: 'The app ended in the middle of this. See what it has done, and retry.' },
  ])
  expect(begun()).toEqual(['paid'])
}, 60_000)

/** `KILLS=200` for the whole. */
const wanted = Number(env.KILLS ?? 6)

test('killed at any moment: no step runs again that was done, and nothing that was kept is made again', async () => {
  const { localapp, begun, rows } = folderWith(`pipe()
    .run('first', { title: 'First', run: ({ key }) => { log('first ' + key) } })
    .run('each', { title: 'Each', run: async ({ keep }) => {
      for (let i = 0; i < ${wanted * 12}; i++) await keep(String(i), async () => { log('item ' + i); await sleep(20); return i })
    } })
    .run('last', { title: 'Last', run: () => { log('last') } })`)
  await once(localapp('call', 'many.start', '{}', '--yes'), 'exit')
  const kept = () => new Set(rows('select key from many_kept').map(({ key }) => `item ${key}`))
  const state = () => rows('select state from many_run').map(({ state }) => state)[0]
  let kills = 0
  for (let before = kept(); state() !== 'done'; before = kept()) {
    const seen = begun().length
    const server = localapp('start', '--no-open', '--port', '0')
    const more = seen + 3 + Math.random() * 15
    await expect.poll(() => begun().length >= more || state() === 'done', { timeout: 20_000 }).toBe(true)
    server.kill('SIGKILL')
    await once(server, 'exit')
    kills++
    expect(
      begun()
        .slice(seen)
        .filter((line) => before.has(line)),
    ).toEqual([])
  }
  const lines = begun()
  expect(kept().size).toBe(wanted * 12)
  expect(lines.filter((line) => line === 'last')).toHaveLength(1)
  const firsts = lines.filter((line) => line.startsWith('first'))
  expect(new Set(firsts).size).toBe(1)
  expect(kills).toBeGreaterThan(2)
  stdout.write(
    `${wanted * 12} items came to their end through ${kills} kills; ${lines.length - firsts.length - 1} were begun.\n`,
  )
}, 900_000)
