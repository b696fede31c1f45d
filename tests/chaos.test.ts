import process, { env } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FolderApp, folderApp } from './folder-app.ts'

/** CHAOS=500 is what the design asks for; it takes some minutes. */
const edits = Number(env.CHAOS ?? 60)
const goodCount = 30

const app = `
import { fastApp } from '@localapp/core'
const app = await fastApp({ plugins: ['./plugins'], port: 0 })
await app.run()
`
const good = (name: string, version: number): string => `
import { h1, li, Plugin, type PluginContext, t, ul } from '@localapp/core'
import { word } from './_word.ts'
export default class extends Plugin {
  name = '${name}'
  setup({ action, app, page, table }: PluginContext) {
    const lines = table('', { text: t.text() })
    action('add', { effect: 'write', input: lines.fields, run: (row, { table }) => table(lines).insert(row).id })
    action('count', { effect: 'read', run: (_input, { table }) => table(lines).count() })
    page('/', () => [h1('${name} ${version}', word), ul(app.reader(lines).all({ limit: 5 }).map(({ text }) => li(text)))])
  }
}
`
const body = (name: string, setup: string, more = ''): string => `
import { Plugin, type PluginContext } from '@localapp/core'
${more}
export default class extends Plugin {
  name = '${name}'
  timer: NodeJS.Timeout | undefined
  setup({ action, page, started }: PluginContext) { ${setup} }
  close() { clearInterval(this.timer) }
}
`
/** Each misbehaves in a way of its own. */
const bad: Readonly<Record<string, (name: string) => string>> = {
  syntax: () => 'export default class {',
  enums: (name) => body(name, '', 'enum Colour { Red }'),
  import: (name) => body(name, '', `throw new Error('at import')`),
  missing: (name) => body(name, '', `import './no-such-file.ts'`),
  setup: (name) => body(name, `throw new Error('in setup')`),
  half: (name) => body(name, `page('/', () => 'half'); throw new Error('half registered')`),
  started: (name) => body(name, `started(() => { throw new Error('in started') })`),
  page: (name) => body(name, `page('/', () => { throw new Error('in a page') })`),
  timer: (name) => body(name, `this.timer = setInterval(() => { throw new Error('in a timer') }, 50)`),
  promise: (name) =>
    body(name, `this.timer = setInterval(() => void Promise.reject(new Error('stray')), 50)`),
}
const heap = `
import { Plugin, type PluginContext } from '@localapp/core'
export default class extends Plugin {
  name = 'heap'
  setup({ action }: PluginContext) {
    action('used', { effect: 'read', run: () => (globalThis.gc?.(), process.memoryUsage().heapUsed) })
  }
}
`
const goodNames = Array.from({ length: goodCount }, (_, i) => `good-${i + 1}`)
const badNames = Object.keys(bad)

let running: FolderApp

/** Numbers that seem random, and are the same at every run. */
function* randomNumbers(seed = 1): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647
    yield state / 2_147_483_647
  }
}
const random = randomNumbers()
const below = (limit: number): number => Math.floor(random.next().value * limit)

/** Bytes that are in use once all that can go is gone. */
const heapUsed = async (): Promise<number> => JSON.parse((await running.call('heap.used')).text).output

beforeAll(async () => {
  const plugins = [
    ...goodNames.map((name) => [`${name}.ts`, good(name, 0)]),
    ...badNames.map((name) => [`${name}.ts`, bad[name]?.(name) ?? '']),
    ['_word.ts', `export const word = ''`],
    ['00_heap.ts', heap],
  ]
  running = await folderApp(app, Object.fromEntries(plugins), '--expose-gc')
}, 60_000)
afterAll(() => running.close())

test(`${edits} edits of 40 plugins, 10 of them bad, under 20 clients: no good one fails, and no write is lost`, async () => {
  const before = await heapUsed()
  const written = new Map(goodNames.map((name) => [name, 0]))
  const failures: string[] = []
  let over = false
  let asked = 0
  const streams = Array.from({ length: 5 }, async () => {
    const reader = await running.events()
    while (!over) if ((await reader.read()).done) failures.push('A stream ended.')
    await reader.cancel()
  })
  const clients = Array.from({ length: 15 }, async (_, client) => {
    while (!over) {
      const name = goodNames[(asked * 7 + client) % goodCount] ?? ''
      asked++
      const isWrite = asked % 3 === 0
      const { status, text } = isWrite
        ? await running.call(`${name}.add`, { text: `line ${asked}` })
        : await running.ask(`/${name}`)
      if (isWrite && status === 200) written.set(name, (written.get(name) ?? 0) + 1)
      // One that was deleted is not there, and has no old version to serve when a bad one comes instead.
      const isGone = status === 404 || text.includes('could not be started')
      if (status !== 200 && !isGone)
        failures.push(`${name}: ${status} ${/<main.*<\/main>/s.exec(text)?.[0] ?? text.slice(0, 200)}`)
      await sleep(5)
    }
  })
  let reloads = 0
  for (let edit = 1; edit <= edits; edit++) {
    const name = goodNames[below(goodCount)] ?? ''
    const ill = badNames[below(badNames.length)] ?? ''
    const turn = below(10)
    if (turn < 5) running.save(`${name}.ts`, good(name, edit))
    else if (turn === 5) running.save(`${name}.ts`, bad[ill === 'page' ? 'half' : ill]?.(name) ?? '')
    else if (turn === 6) running.remove(`${name}.ts`)
    else if (turn === 7) running.save(`${ill}.ts`, bad[badNames[below(badNames.length)] ?? '']?.(ill) ?? '')
    else if (turn === 8) running.remove(`${ill}.ts`)
    else running.save(`extra-${edit % 3}.ts`, good(`extra-${edit % 3}`, edit))
    reloads++
    await sleep(below(60))
    if (edit % 50 === 0) {
      running.save('_word.ts', `export const word = ' ${edit}'`)
      reloads += goodCount + badNames.length
    }
  }
  for (const name of goodNames) running.save(`${name}.ts`, good(name, edits + 1))
  reloads += goodCount
  for (const name of goodNames)
    await expect
      .poll(async () => (await running.ask(`/${name}`)).text, { timeout: 60_000 })
      .toContain(`${name} ${edits + 1}`)
  over = true
  await Promise.all(clients)
  // The streams hear of this one, and end.
  await running.call('good-1.add', { text: 'the last' })
  await Promise.all(streams)
  written.set('good-1', (written.get('good-1') ?? 0) + 1)
  expect(failures).toEqual([])
  const counts = goodNames.map(async (name) => {
    const { text } = await running.call(`${name}.count`)
    return [name, JSON.parse(text).output] as const
  })
  expect(new Map(await Promise.all(counts))).toEqual(written)
  expect(asked).toBeGreaterThan(edits)
  // Node keeps the modules of all versions.
  const grown = (await heapUsed()) - before
  const each = Math.round(grown / reloads / 1024)
  process.stderr.write(`${asked} requests, ${reloads} reloads, ${each} kB more for each\n`)
  expect(grown).toBeLessThan(before * 0.2 + reloads * 60 * 1024)
}, 600_000)
