/**
 * Measures localapp against the same by hand, all in one run, and prints ratios: `pnpm bench`. The floor is node:http
 * with prepared statements and concatenation; it sends the same page, checked to be within 10% of the bytes.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from 'node:process'
import { Contender } from './contender.ts'
import { makeData } from './data.ts'
import { median } from './median.ts'
import { reloadTime, startUpsWith } from './plugins.ts'
import { rates } from './rate.ts'
import { renderingTimes } from './rendering.ts'

const rowCount = 100_000
const folder = mkdtempSync(join(tmpdir(), 'localapp-bench-'))
const frameFile = join(folder, 'frame.json')

/** A copy of the data for each, since each writes. */
function copyFor(name: string): string {
  const file = join(folder, name, 'home.db')
  mkdirSync(join(folder, name))
  copyFileSync(join(folder, 'home.db'), file)
  return file
}

/** Starts all three, once for each of some turns, and keeps those of the last turn running. */
async function startAll(turns: number): Promise<{ contenders: Contender[]; startUps: Map<string, number> }> {
  const localappData = copyFor('localapp')
  const first = await Contender.start('localapp', 'localapp.ts', localappData)
  const { body } = await first.page()
  await first.stop()
  const [before = ''] = /^[\s\S]*?<div id="todo-list"[^>]*><p class="help">/.exec(body) ?? []
  const middle = `</p>${/<div class="table">[\s\S]*?<tbody[^>]*>/.exec(body)?.[0] ?? ''}`
  const after = body.slice(body.indexOf('</tbody>'))
  writeFileSync(frameFile, JSON.stringify({ before, middle, after }))
  const contestants = [
    ['floor', 'floor.ts', copyFor('floor'), frameFile],
    ['Fastify by hand', 'fastify.ts', copyFor('fastify'), frameFile],
    ['localapp', 'localapp.ts', localappData],
  ] as const
  const times = new Map<string, number[]>(contestants.map(([name]) => [name, []]))
  for (let turn = 1; ; turn++) {
    const contenders: Contender[] = []
    for (const [name, script, ...args] of contestants) {
      const contender = await Contender.start(name, script, ...args)
      times.get(name)?.push(contender.startUp)
      contenders.push(contender)
      if (turn < turns) await contender.stop()
    }
    if (turn < turns) continue
    const startUps = new Map([...times].map(([name, values]) => [name, median(values)]))
    return { contenders, startUps }
  }
}

/** Writes one line of the table. The ratio is to the floor; `best` says whether more or less is better. */
function line(
  what: string,
  unit: string,
  values: ReadonlyMap<string, number>,
  best: 'more' | 'less',
  aim: string,
): string {
  const [floor = Number.NaN, fastify = Number.NaN, localapp = Number.NaN] = values.values()
  const digits = Math.max(...values.values()) < 20 ? 2 : 0
  const ratio = (to: number): string => (localapp / to).toFixed(2)
  const numbers = [...values.values()].map((value) => `${value.toFixed(digits)} ${unit}`)
  return `| ${[what, ...numbers, ratio(floor), ratio(fastify), `${best === 'more' ? '≥' : '≤'} ${aim}`].join(' | ')} |`
}

try {
  await makeData(folder, rowCount)
  const { contenders, startUps } = await startAll(5)
  const memory = new Map(contenders.map((contender) => [contender.name, contender.memory()]))
  const sizes = await Promise.all(contenders.map(async (contender) => (await contender.page()).bytes))
  const [floorSize = 0, , ourSize = 0] = sizes
  if (Math.abs(floorSize - ourSize) > ourSize / 10) {
    throw new Error(`The floor sends ${floorSize} bytes and localapp ${ourSize}: mend servers/todo.ts.`)
  }
  const pages = await rates(
    contenders.map((contender) => ({ name: contender.name, go: () => contender.page() })),
    5,
  )
  const creates = await rates(
    contenders.map((contender) => ({ name: contender.name, go: () => contender.create('Buy milk') })),
    5,
  )
  await Promise.all(contenders.map((contender) => contender.stop()))
  const { elements, concatenation } = renderingTimes()
  const starts: [count: number, times: { byHand: number; localapp: number }][] = []
  for (const count of [1, 10, 40]) starts.push([count, await startUpsWith(count, 3)])
  const reload = await reloadTime(40, 10)

  console.log(
    `Node ${version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), list page of ${ourSize} bytes\n`,
  )
  console.log('| | floor | Fastify by hand | localapp | to the floor | to Fastify | aim |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  console.log(line(`List page, 50 of ${rowCount.toLocaleString('en')}`, '/s', pages, 'more', '0.35'))
  console.log(line('Create action, durable', '/s', creates, 'more', '0.35'))
  console.log(line('Start-up to the first page', 'ms', startUps, 'less', '5'))
  console.log(line('Memory after the first page', 'MB', memory, 'less', '–').replace('≤ –', '–'))
  const times = `${concatenation.toFixed(2)} ms | – | ${elements.toFixed(2)} ms`
  console.log(`| Rendering 1,000 rows | ${times} | ${(elements / concatenation).toFixed(2)} | – | ≤ 2.5 |`)
  for (const [count, { byHand, localapp }] of starts) {
    const ratio = (localapp / byHand).toFixed(2)
    const what = `Start-up with ${count} plugin${count === 1 ? '' : 's'} of 10 routes`
    console.log(`| ${what} | – | ${byHand.toFixed(0)} ms | ${localapp.toFixed(0)} ms | – | ${ratio} | – |`)
  }
  console.log(
    `| From saving one of 40 plugins to its new page | – | – | ${reload.toFixed(0)} ms | – | – | < 300 ms |`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
