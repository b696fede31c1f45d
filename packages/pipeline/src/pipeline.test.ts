import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallOptions } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PipelinePlugin, pipe, t, type Work } from './index.ts'
import type { Seen } from './runs.ts'

type Greeting = Work<{ name: string }, unknown>

/** What the step “greet” does: each test decides. */
let greet: (work: Greeting) => unknown

class Demo extends PipelinePlugin({
  name: 'my-demo',
  steps: pipe()
    .ask('name', {
      title: 'Who?',
      help: 'Somebody to greet.',
      fields: { name: t.text() },
      check: ({ name }) => (name === 'Nobody' ? { name: 'Somebody, please.' } : undefined),
    })
    .run('greet', {
      title: 'Greet',
      run: async (work) => (await greet(work)) as string,
      show: ({ output }) => output.toUpperCase(),
    })
    .approve('right', { title: 'Right?', show: ({ input }) => `Is “${input}” right?` })
    .run('end', { title: 'End', run: ({ input, all }) => ({ text: `${input}! ${all.name.name}.` }) }),
}) {}

class Stubborn extends PipelinePlugin({
  name: 'stubborn',
  steps: pipe()
    .run('try', { title: 'Try', retries: 2, run: () => greet(never) as string })
    .run('late', { title: 'Come late', timeout: '0.02s', run: () => new Promise<string>(() => {}) }),
}) {}
const never = {} as Greeting

class Right extends PipelinePlugin({
  name: 'right',
  steps: pipe().approve('last', { title: 'Is all well?', show: () => 'Look around.' }),
}) {}

let data: string
let app: TestApp
const open = async (): Promise<TestApp> => await testApp({ plugins: [Demo, Stubborn, Right], data })

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'localapp-pipeline-'))
  greet = ({ input }) => `Hello ${input.name}`
  app = await open()
})
afterEach(async () => {
  await app.close()
  rmSync(data, { recursive: true })
})

async function call(name: string, input: object = {}, options?: Partial<CallOptions>): Promise<Seen> {
  const outcome = await app.call(name.includes('.') ? name : `my-demo.${name}`, input, options)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return { ...(outcome.output as Seen), entry: outcome.entry } as Seen
}

async function refusal(name: string, input: object): Promise<string> {
  const outcome = await app.call(`my-demo.${name}`, input)
  return outcome.status === 'failed' ? outcome.error.message : outcome.status
}

const wait = (run: number): Promise<Seen> => call('show', { run, seconds: 20 })
const outputs = ({ steps }: Seen): unknown[] => steps.map(({ output }) => output)
const states = ({ steps }: Seen): string => steps.map(({ state }) => state).join()
const undo = async (entry: unknown): Promise<string> => {
  const outcome = await app.call('journal.undo', { entry })
  return outcome.status === 'failed' ? outcome.error.message : String(outcome.status)
}
const entryOf = (seen: Seen): number => (seen as unknown as { entry: number }).entry

/** Starts a run and answers its first step. */
async function begin(name = 'Ann'): Promise<Seen> {
  const { id: run } = await call('start')
  return await call('answer-name', { run, name })
}

/** Makes “greet” wait for the test. */
function hold(): { begun: Promise<Greeting>; end: (greeting: string) => void } {
  const begun = Promise.withResolvers<Greeting>()
  const ended = Promise.withResolvers<string>()
  greet = (work) => {
    begun.resolve(work)
    return ended.promise
  }
  return { begun: begun.promise, end: ended.resolve }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))

test('a run goes on by itself until it needs someone', async () => {
  expect(await call('start')).toMatchObject({ id: 1, state: 'waiting', step: 'name' })
  expect(await call('answer-name', { run: 1, name: 'Ann' })).toMatchObject({ state: 'running' })
  expect(await wait(1)).toMatchObject({ state: 'waiting', step: 'right' })
  await call('answer-right', { run: 1 })
  const done = await wait(1)
  expect(outputs(done)).toEqual([{ name: 'Ann' }, 'Hello Ann', 'Hello Ann', { text: 'Hello Ann! Ann.' }])
  expect(await call('list')).toMatchObject({ 0: { id: 1, state: 'done', step: 'end' } })
  expect(app.journal.list().map(({ summary }) => summary)).toEqual([
    'My demo 1: “Right?” approved',
    'My demo 1: “Who?” answered',
    'My demo 1: started',
  ])
})

test('an answer that is not right says so, and leaves the run where it is', async () => {
  await call('start')
  expect(await app.call('my-demo.answer-name', { run: 1, name: 'Nobody' })).toEqual({
    status: 'invalid',
    messages: { name: 'Somebody, please.' },
  })
  expect(await app.call('my-demo.answer-name', { run: 1 })).toMatchObject({ status: 'invalid' })
  expect(await refusal('answer-name', { run: 7, name: 'Ann' })).toBe('There is no run 7.')
  expect(await refusal('answer-right', { run: 1 })).toBe(
    '“Right?” does not wait: “My demo 1” stands at “Who?” (waiting).',
  )
  expect(await refusal('retry', { run: 1 })).toContain('There is nothing to try again')
  expect(await refusal('revert', { run: 1, step: 'right' })).toContain('“Right?” has nothing to revert')
  expect(states(await call('show', { run: 1 }))).toBe('waiting,later,later,later')
})

test('of two answers at once the first counts, and the second is told so', async () => {
  await call('start')
  const [ann, bob] = await Promise.all([
    app.call('my-demo.answer-name', { run: 1, name: 'Ann' }),
    app.call('my-demo.answer-name', { run: 1, name: 'Bob' }),
  ])
  expect(ann.status).toBe('done')
  expect(bob).toMatchObject({
    error: { code: 'LOCALAPP_CONFLICT', message: expect.stringContaining('“Who?” does not wait') },
  })
  expect(outputs(await wait(1)).slice(0, 2)).toEqual([{ name: 'Ann' }, 'Hello Ann'])
})

test('runs at the same time do not mix', async () => {
  const gates = new Map<string, PromiseWithResolvers<void>>()
  greet = async ({ input: { name } }) => {
    const gate = Promise.withResolvers<void>()
    gates.set(name, gate)
    await gate.promise
    return `Hello ${name}`
  }
  const [ann, bob] = [await begin('Ann'), await begin('Bob')]
  await call('show', { run: bob.id })
  gates.get('Bob')?.resolve()
  expect(outputs(await wait(bob.id))[1]).toBe('Hello Bob')
  expect(await call('show', { run: ann.id })).toMatchObject({ state: 'running' })
  gates.get('Ann')?.resolve()
  expect(outputs(await wait(ann.id))[1]).toBe('Hello Ann')
})

test('progress is stored and seen', async () => {
  const held = hold()
  const { id: run } = await begin()
  const { progress } = await held.begun
  progress(1, 4, 'first')
  progress(2, 4, 'second')
  await expect
    .poll(async () => (await call('show', { run })).progress)
    .toEqual({ done: 2, total: 4, note: 'second' })
  held.end('Hello')
  expect(await wait(run)).toMatchObject({ state: 'waiting' })
})

test('a revert stops the work, keeps the answer for the form, and what ends late counts no more', async () => {
  const held = hold()
  const { id: run } = await begin()
  const { signal } = await held.begun
  expect(await call('revert', { run, step: 'name' })).toMatchObject({ state: 'waiting', step: 'name' })
  await aborted(signal)
  held.end('too late')
  const seen = await call('show', { run })
  expect(states(seen)).toBe('waiting,later,later,later')
  expect(outputs(seen)).toEqual([{ name: 'Ann' }, undefined, undefined, undefined])
  expect((await app.inject({ url: `/my-demo/${run}` })).body).toContain('value="Ann"')
  greet = () => 'in time'
  await call('answer-name', { run, name: 'Bob' })
  expect(outputs(await wait(run)).slice(0, 2)).toEqual([{ name: 'Bob' }, 'in time'])
  const rows = await app.db.selectFrom('my_demo_attempt').select(['step', 'state']).execute()
  expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
    'name reverted',
    'greet reverted',
    'name done',
    'greet done',
  ])
})

test('work that is stopped waits for a retry', async () => {
  const held = hold()
  const { id: run } = await begin()
  const { signal } = await held.begun
  expect(await call('revert', { run, step: 'greet' })).toMatchObject({ state: 'stopped', step: 'greet' })
  await aborted(signal)
  greet = () => 'again'
  expect(await call('retry', { run })).toMatchObject({ state: 'running' })
  expect(outputs(await wait(run))[1]).toBe('again')
})

test('a failed step says why in words, and Retry begins it again', async () => {
  greet = () => Promise.reject(new Error('The shop is closed.'))
  const { id: run } = await begin()
  expect(await wait(run)).toMatchObject({ state: 'failed', step: 'greet', error: 'The shop is closed.' })
  const { body } = await app.inject({ url: `/my-demo/${run}` })
  expect(body).toContain('role="alert">The shop is closed.</p>')
  expect(body).toContain('action="/api/my-demo/retry"')
  greet = () => 'open'
  await call('retry', { run })
  expect(await wait(run)).toMatchObject({ state: 'waiting', step: 'right' })
})

test('retries come by themselves, and a time-out is a sentence', async () => {
  let tries = 0
  greet = () => {
    if (++tries < 3) throw new Error(`No ${tries}.`)
    return 'yes'
  }
  const { id: run } = await call('stubborn.start')
  expect(await call('stubborn.show', { run, seconds: 20 })).toMatchObject({
    state: 'failed',
    step: 'late',
    error: 'It took longer than 0.02s.',
  })
  const rows = await app.db.selectFrom('stubborn_attempt').select(['state', 'error', 'note']).execute()
  expect(rows).toEqual([
    { state: 'failed', error: 'No 1.', note: '' },
    { state: 'failed', error: 'No 2.', note: 'Trying again. No 1.' },
    { state: 'done', error: '', note: 'Trying again. No 2.' },
    { state: 'failed', error: 'It took longer than 0.02s.', note: '' },
  ])
})

test('a restart in the middle begins the step again, as often as it comes', async () => {
  const { id: run } = await begin()
  await wait(run)
  let held = hold()
  const second = await begin('Bob')
  for (let restarts = 0; restarts < 3; restarts++) {
    await held.begun
    await app.close()
    held = hold()
    app = await open()
    expect(states(await call('show', { run }))).toBe('done,done,waiting,later')
  }
  await held.begun
  held.end('Back, Bob')
  expect(outputs(await wait(second.id))).toEqual([{ name: 'Bob' }, 'Back, Bob', undefined, undefined])
})

test('Undo of what set off no work, until the run has gone on', async () => {
  const started = await call('start')
  const { id: run } = started
  expect(await undo(entryOf(started))).toBe('done')
  expect(await refusal('show', { run })).toBe(`There is no run ${run}.`)
  const [newest] = app.journal.list({ limit: 1 })
  expect(await undo(newest?.id)).toBe('done')
  const answered = await call('answer-name', { run, name: 'Ann' })
  await wait(run)
  expect(await undo(entryOf(started))).toContain('changed since')
  expect(await undo(entryOf(answered))).toContain('reached outside the data')
  const reverted = await call('revert', { run, step: 'greet' })
  expect(await undo(entryOf(reverted))).toBe('done')
  expect(await call('show', { run })).toMatchObject({ state: 'waiting', step: 'right' })
})

test('Undo of a revert begins the work again that it stopped', async () => {
  const held = hold()
  const { id: run } = await begin()
  const { signal } = await held.begun
  const again = hold()
  const reverted = await call('revert', { run, step: 'name' })
  await aborted(signal)
  expect(await undo(entryOf(reverted))).toBe('done')
  expect(await call('show', { run })).toMatchObject({ state: 'running' })
  await again.begun
  held.end('too late')
  again.end('Here again')
  expect(outputs(await wait(run))[1]).toBe('Here again')
})

test('a model asks before it sets off work, and its approval holds for the run as it was', async () => {
  const { id: run } = await call('start')
  const actor = { kind: 'model' } as const
  const asked = await app.call('my-demo.answer-name', { run, name: 'Ann' }, { actor })
  expect(asked).toMatchObject({ status: 'approval', title: 'Who?: My demo 1' })
  const approval = asked.status === 'approval' ? asked.approval : 0
  await call('answer-name', { run, name: 'Bob' })
  await wait(run)
  const verdict = {
    method: 'POST',
    url: '/api/journal/approve',
    payload: new URLSearchParams({ approval: String(approval) }),
  }
  expect((await app.inject(verdict)).body).toContain('the record has changed')
  expect(outputs(await call('show', { run }))[0]).toEqual({ name: 'Bob' })
  expect(await app.call('my-demo.revert', { run, step: 'name' }, { actor })).toMatchObject({ status: 'done' })
  await call('right.start')
  expect(await app.call('right.answer-last', { run: 1 }, { actor })).toMatchObject({
    status: 'approval',
  })
})

test('the pages: Start leads to the run, with and without script', async () => {
  expect((await app.inject({ url: '/my-demo' })).body).toContain('Nothing has been started yet.')
  const post = (url: string, payload: string, headers = {}) =>
    app.inject({ method: 'POST', url, payload: new URLSearchParams(payload), headers })
  const plain = await post('/api/my-demo/start', '_fields=', { accept: 'text/html' })
  expect([plain.statusCode, plain.headers.location]).toEqual([303, '/my-demo/1'])
  const scripted = await post('/api/my-demo/start', '_fields=', { 'hx-request-type': 'partial' })
  expect([scripted.statusCode, scripted.headers['hx-redirect']]).toEqual([204, '/my-demo/2'])
  const first = (await app.inject({ url: '/my-demo/1' })).body
  expect(first).toContain('Somebody to greet.')
  expect(first).toContain('<p class="help">Greet</p>')
  const answered = await post('/api/my-demo/answer-name', 'run=1&name=<b>&_return=/my-demo/1')
  expect(answered.headers.location).toBe('/my-demo/1')
  await wait(1)
  const second = (await app.inject({ url: '/my-demo/1' })).body
  expect(second).toContain(
    '<summary>✓ Who?</summary><div class="field"><dl><dt>Name</dt><dd>&lt;b&gt;</dd></dl>',
  )
  expect(second).toContain('HELLO &lt;B&gt;')
  expect(second).toContain('Is “Hello &lt;b&gt;” right?')
  expect((await app.inject({ url: '/my-demo' })).body).toContain('waiting</span> “Right?”')
  expect((await app.inject({ url: '/my-demo/9' })).statusCode).toBe(404)
})
