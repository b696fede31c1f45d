import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PipelineBase, PipelinePlugin, pipe, t } from './index.ts'
import type { Seen } from './runs.ts'

let data: string
let app: TestApp | undefined
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'localapp-runs-'))
})
afterEach(async () => {
  await app?.close()
  app = undefined
  rmSync(data, { recursive: true })
})

async function open(...plugins: (new () => PipelineBase)[]): Promise<void> {
  await app?.close()
  app = await testApp({ plugins, data })
}

async function call(id: string, input: object = {}): Promise<Seen> {
  const outcome = await app?.call(id, input)
  if (outcome?.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as Seen
}

const wait = (name: string, run = 1): Promise<Seen> => call(`${name}.show`, { run, seconds: 20 })
const states = ({ steps }: Seen): string => steps.map(({ state }) => state).join()
const page = async (path: string): Promise<string> => String((await app?.inject({ url: path }))?.body)

class Bill extends PipelinePlugin({
  name: 'bill',
  steps: pipe()
    .ask('sum', { title: 'How much?', fields: { euros: t.number() } })
    .when(
      ({ input }) => {
        if (input.euros < 0) throw new Error('Nobody pays less than nothing.')
        return input.euros > 100
      },
      (large) =>
        large
          .ask('reason', { title: 'Why so much?', fields: { reason: t.text() } })
          .when(
            ({ input }) => input.reason === 'a yacht',
            (yacht) => yacht.approve('yacht', { title: 'Really?', show: ({ all }) => `${all.sum.euros} €` }),
          )
          .run('note', { title: 'Note it', run: ({ input }) => ({ noted: input.reason }) }),
    )
    .run('end', {
      title: 'End',
      run: ({ input, all }) => ({ input, noted: all.note?.noted ?? 'nothing', euros: all.sum.euros }),
    }),
}) {}

test('steps are skipped where a condition does not hold, and what comes after is given what was there before', async () => {
  await open(Bill)
  await call('bill.start')
  await call('bill.answer-sum', { run: 1, euros: 50 })
  const small = await wait('bill')
  expect(small).toMatchObject({ state: 'done' })
  expect(states(small)).toBe('done,skipped,skipped,skipped,done')
  expect(small.steps[1]?.output).toBeUndefined()
  expect(small.steps[4]?.output).toEqual({ input: { euros: 50 }, noted: 'nothing', euros: 50 })
  expect(await page('/bill/1')).toContain('<p class="help">– Why so much?: skipped</p>')

  await call('bill.revert', { run: 1, step: 'sum' })
  await call('bill.answer-sum', { run: 1, euros: 500 })
  const large = await wait('bill')
  expect(large).toMatchObject({ state: 'waiting', step: 'reason' })
  await call('bill.answer-reason', { run: 1, reason: 'a party' })
  const party = await wait('bill')
  expect(states(party)).toBe('done,done,skipped,done,done')
  expect(party.steps[4]?.output).toEqual({ input: { noted: 'a party' }, noted: 'a party', euros: 500 })
})

test('conditions lie in each other, and a reverted step inside one comes back as it was', async () => {
  await open(Bill)
  await call('bill.start')
  await call('bill.answer-sum', { run: 1, euros: 1e6 })
  await wait('bill')
  await call('bill.answer-reason', { run: 1, reason: 'a yacht' })
  expect(await wait('bill')).toMatchObject({ state: 'waiting', step: 'yacht' })
  await call('bill.revert', { run: 1, step: 'reason' })
  const again = await wait('bill')
  expect(again).toMatchObject({
    state: 'waiting',
    step: 'reason',
    steps: { 1: { output: { reason: 'a yacht' } } },
  })
  await call('bill.answer-reason', { run: 1, reason: 'a yacht' })
  await wait('bill')
  await call('bill.answer-yacht', { run: 1 })
  expect(states(await wait('bill'))).toBe('done,done,done,done,done')
})

test('a condition that throws has failed, and Retry asks it again', async () => {
  await open(Bill)
  await call('bill.start')
  await call('bill.answer-sum', { run: 1, euros: -1 })
  const failed = await wait('bill')
  expect(failed).toMatchObject({ state: 'failed', step: 'reason', error: 'Nobody pays less than nothing.' })
  expect(await page('/bill/1')).toContain('Retry')
  await call('bill.retry', { run: 1 })
  expect(await wait('bill')).toMatchObject({ state: 'failed', step: 'reason' })
})

test('a copy stands at a step with what came before, and the older run stays', async () => {
  await open(Bill)
  await call('bill.start')
  await call('bill.answer-sum', { run: 1, euros: 500 })
  await wait('bill')
  await call('bill.answer-reason', { run: 1, reason: 'a party' })
  await wait('bill')
  const copied = await call('bill.copy', { run: 1, step: 'reason' })
  expect(copied.id).toBe(2)
  const copy = await wait('bill', 2)
  expect(copy).toMatchObject({ state: 'waiting', step: 'reason' })
  expect(states(copy)).toBe('done,waiting,later,later,later')
  expect(await page('/bill/2')).toContain('value="a party"')
  await call('bill.answer-reason', { run: 2, reason: 'a wedding' })
  expect((await wait('bill', 2)).steps[4]?.output).toMatchObject({ noted: 'a wedding', euros: 500 })
  expect((await wait('bill')).steps[4]?.output).toMatchObject({ noted: 'a party' })
  expect(await page('/bill/1')).toContain('Copy from here')
})

const measure = (run: ({ input }: { input: { words: string } }) => number, words = t.text()) =>
  PipelinePlugin({
    name: 'measure',
    steps: pipe().ask('words', { title: 'What?', fields: { words } }).run('size', { title: 'Measure', run }),
  })

test('what an older version of a step has given says so, until it is done again', async () => {
  await open(class extends measure(({ input }) => input.words.length) {})
  await call('measure.start')
  await call('measure.answer-words', { run: 1, words: 'a b' })
  expect((await wait('measure')).steps.map(({ outdated }) => outdated)).toEqual([false, false])
  expect(await page('/measure/1')).not.toContain('older version')

  await open(class extends measure(({ input }) => input.words.split(' ').length) {})
  const old = await wait('measure')
  expect(old.steps.map(({ output, outdated }) => [output, outdated])).toEqual([
    [{ words: 'a b' }, false],
    [3, true],
  ])
  expect(await page('/measure/1')).toContain('by an older version of this step')
  await call('measure.revert', { run: 1, step: 'size' })
  await call('measure.retry', { run: 1 })
  expect((await wait('measure')).steps[1]).toMatchObject({ output: 2, outdated: false })

  await open(class extends measure(({ input }) => input.words.split(' ').length, t.text({ max: 5 })) {})
  expect((await wait('measure')).steps.map(({ outdated }) => outdated)).toEqual([true, false])
})
