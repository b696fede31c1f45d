import { Plugin, type PluginContext, t } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { fillIn, PipelinePlugin, pipe } from './index.ts'
import type { Seen } from './runs.ts'
import { testRun } from './testing/index.ts'

interface Asked {
  readonly messages: readonly { readonly content: string }[]
  readonly schema: object
}

/** A model that gives these answers, or throws them. */
class Scripted extends Plugin {
  readonly name = 'scripted'
  readonly asked: Asked[] = []
  readonly answers: (string | Error)[]
  constructor(...answers: (string | Error)[]) {
    super()
    this.answers = answers
  }
  setup({ provide }: PluginContext): void {
    const { asked, answers } = this
    provide('model', {
      async *chat({ messages, schema }: Asked) {
        asked.push({ messages: [...messages], schema })
        const answer = answers.shift() ?? new Error('The script is at its end.')
        if (answer instanceof Error) throw answer
        yield { type: 'thinking', text: 'Hm.' }
        for (const text of answer.match(/.{1,5}/gs) ?? []) yield { type: 'text', text }
        yield { type: 'done', reason: 'stop' }
      },
    })
  }
}

const fields = { offers: t.list(t.obj({ shop: t.text(), price: t.number({ min: 0 }) })) }

class Prices extends PipelinePlugin({
  name: 'prices',
  steps: pipe()
    .ask('product', { title: 'Which?', fields: { name: t.text() } })
    .llm('offers', {
      title: 'Find the prices',
      help: 'Look them through.',
      fields,
      check: ({ offers }) => (offers.length > 2 ? { offers: 'Two are enough.' } : undefined),
      prompt: ({ input, all }) => `Prices of ${input.name}, of ${all.product.name}`,
    })
    .approve('final', { title: 'Right?', editable: true, show: ({ input }) => input.offers }),
}) {}

async function opened(...answers: (string | Error)[]): Promise<{ app: TestApp; asked: Asked[] }> {
  const model = new Scripted(...answers)
  const app = await testApp({ plugins: [model, Prices] })
  onTestFinished(() => app.close())
  await call(app, 'start')
  return { app, asked: model.asked }
}

async function call(app: TestApp, name: string, input: object = {}): Promise<Seen> {
  const outcome = await app.call(`prices.${name}`, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as Seen
}

async function named(app: TestApp): Promise<Seen> {
  await call(app, 'answer-product', { run: 1, name: 'tea' })
  return await call(app, 'show', { run: 1, seconds: 20 })
}

const tea = { offers: [{ shop: 'Lu', price: 3 }] }
const dear = { offers: [{ shop: 'Lu', price: 4 }] }

test('a model fills in the form, the user changes it, and an editable approval changes it again', async () => {
  const { app, asked } = await opened(JSON.stringify(tea))
  const seen = await named(app)
  expect(seen).toMatchObject({ state: 'waiting', step: 'offers', steps: [{}, { output: tea }, {}] })
  expect(asked).toHaveLength(1)
  expect(asked[0]?.messages.map(({ content }) => content)).toEqual([
    expect.stringMatching(/^Prices of tea, of tea\n\nAnswer in JSON.*"shop"/),
  ])
  expect(asked[0]?.schema).toMatchObject({ required: ['offers'] })
  const page = (await app.inject({ url: '/prices/1' })).body
  expect(page).toContain('Look them through.')
  expect(page).toMatch(/name="offers.0.shop"[^>]*value="Lu"/)
  await call(app, 'answer-offers', { run: 1, ...dear })
  const approval = (await app.inject({ url: '/prices/1' })).body
  expect(approval).toContain('<th>Shop</th><th>Price</th></tr><tr><td>Lu</td><td>4</td>')
  expect(approval).toMatch(/name="offers.0.price"[^>]*value="4"/)
  const done = await call(app, 'answer-final', { run: 1, ...tea })
  expect(done).toMatchObject({ state: 'done' })
  const { steps } = await call(app, 'show', { run: 1 })
  expect(steps.map(({ output }) => output)).toEqual([{ name: 'tea' }, dear, tea])
  // What was approved once is not proposed for what came later.
  await call(app, 'revert', { run: 1, step: 'offers' })
  expect(await call(app, 'answer-offers', { run: 1, offers: [] })).toMatchObject({ step: 'final' })
  expect((await call(app, 'show', { run: 1 })).steps[2]).toMatchObject({ output: { offers: [] } })
})

test('what the fields and the check refuse goes back to the model in words, twice', async () => {
  const three = JSON.stringify({ offers: [1, 2, 3].map((price) => ({ shop: 'Lu', price })) })
  const { app, asked } = await opened('{"offers": [{"shop": "Lu"', three, JSON.stringify(tea))
  expect(await named(app)).toMatchObject({ state: 'waiting', step: 'offers' })
  const said = asked.map(({ messages }) => messages.at(-1)?.content)
  expect(said[1]).toContain('Fields are expected')
  expect(said[2]).toContain('Two are enough.')
})

test('after the third wrong answer the step has failed, and takes an answer by hand or a retry', async () => {
  const wrong = '{"offers":[{"shop":"Lu","price":-1}]}'
  const { app } = await opened(wrong, wrong, wrong, JSON.stringify(tea))
  const seen = await named(app)
  expect(seen).toMatchObject({ state: 'failed', step: 'offers' })
  expect(seen.error).toMatch(/^The model did not get it right: .*price.*Fill it in by hand, or retry\.$/is)
  const page = (await app.inject({ url: '/prices/1' })).body
  expect(page).toContain('action="/api/prices/answer-offers"')
  expect(page).toContain('action="/api/prices/retry"')
  await call(app, 'retry', { run: 1 })
  expect(await call(app, 'show', { run: 1, seconds: 20 })).toMatchObject({ state: 'waiting' })
  await call(app, 'retry', { run: 1 })
  expect(await call(app, 'show', { run: 1, seconds: 20 })).toMatchObject({
    state: 'failed',
    error: 'The script is at its end.',
  })
  expect(await call(app, 'answer-offers', { run: 1, ...dear })).toMatchObject({ step: 'final' })
  expect(await app.call('prices.answer-offers', { run: 1, ...tea })).toMatchObject({ status: 'failed' })
})

test('what the model’s error says to do is said too', async () => {
  const error = Object.assign(new Error('Ollama does not run.'), { fix: 'Start it.' })
  const { app } = await opened(error)
  expect(await named(app)).toMatchObject({ state: 'failed', error: 'Ollama does not run. Start it.' })
})

test('without a model the step says so, and is filled in by hand', async () => {
  const app = await testApp({ plugins: [Prices] })
  onTestFinished(() => app.close())
  await call(app, 'start')
  expect(await named(app)).toMatchObject({
    state: 'failed',
    error: 'There is no model: add assistant(). Fill it in by hand, or retry.',
  })
  expect(await call(app, 'answer-offers', { run: 1, ...tea })).toMatchObject({ step: 'final' })
})

test('true takes a form as it stands', async () => {
  const plugins = [new Scripted(JSON.stringify(tea))]
  const answers = { product: { name: 'tea' }, offers: true, final: true } as const
  expect(await testRun(Prices, { plugins, answers })).toMatchObject({
    state: 'done',
    outputs: { offers: tea, final: tea },
  })
})

test('fillIn lets the model fill in fields in any work, as its answer is mended', async () => {
  class Names extends PipelinePlugin({
    name: 'names',
    steps: pipe().run('both', {
      title: 'Both',
      run: async (work) => {
        const { name } = await fillIn({ fields: { name: t.text() } }, 'The first?', work)
        const { age } = await fillIn({ fields: { age: t.integer() } }, `How old is ${name}?`, work)
        return [name, age] satisfies [string, number]
      },
    }),
  }) {}
  const scripted = new Scripted('{"name":"Ann"}', '{"age":"old"}', '{"age":40}')
  expect(await testRun(Names, { plugins: [scripted] })).toMatchObject({
    state: 'done',
    outputs: { both: ['Ann', 40] },
  })
  expect(scripted.asked[1]?.messages[0]?.content).toMatch(/^How old is Ann\?/)
})
