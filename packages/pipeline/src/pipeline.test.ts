import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PipelinePlugin, pipe, t } from './index.ts'
import type { Seen } from './runs.ts'

/** What the step “greet” does is decided by each test. */
let greet: (work: {
  name: string
  signal: AbortSignal
  progress: (done: number, total: number) => void
}) => Promise<string>

class Demo extends PipelinePlugin({
  name: 'demo',
  steps: pipe()
    .ask('name', { title: 'Who?', fields: { name: t.text() } })
    .run('greet', {
      title: 'Greet',
      run: ({ input: { name }, signal, progress }) => greet({ name, signal, progress }),
    })
    .approve('right', { title: 'Right?', show: ({ input }) => input })
    .run('end', { title: 'End', run: ({ input, all }) => `${input}, said to ${all.name.name}` }),
}) {}

let app: TestApp
beforeEach(async () => {
  greet = async ({ name }) => `Hello ${name}`
  app = await testApp({ plugins: [Demo] })
})
afterEach(() => app.close())

async function output(id: string, input: object = {}): Promise<Seen> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as Seen
}

test('a run goes on by itself until it needs someone', async () => {
  expect(await output('demo.start')).toMatchObject({
    run: 1,
    title: 'Demo 1',
    state: 'waiting',
    step: 'name',
  })
  expect(await output('demo.answer-name', { run: 1, name: 'Ann' })).toMatchObject({ state: 'running' })
  expect(await output('demo.wait', { run: 1 })).toMatchObject({ state: 'waiting', step: 'right' })
  await output('demo.approve', { run: 1, step: 'right' })
  const done = await output('demo.wait', { run: 1 })
  expect(done.state).toBe('done')
  expect(done.steps.map((step) => step.output)).toEqual([
    { name: 'Ann' },
    'Hello Ann',
    'Hello Ann',
    'Hello Ann, said to Ann',
  ])
})
