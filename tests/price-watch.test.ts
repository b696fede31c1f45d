import { testApp } from '@localapp/core/testing'
import { assistant } from '@localapp/llm'
import { scripted } from '@localapp/llm/testing'
import { expect, onTestFinished, test } from 'vitest'
import PriceWatch from '../examples/home/plugins/30_price_watch.ts'

interface Seen {
  readonly state: string
  readonly step: string
  readonly error: string
  readonly steps: readonly { readonly id: string; readonly output?: unknown }[]
}

test('Price watch reads its shops, lets the model find the prices, and the user has the last word', async () => {
  const prompts: string[] = []
  const model = scripted(({ messages }) => {
    const prompt = messages.at(-1)?.content ?? ''
    prompts.push(prompt)
    const found = Array.from(prompt.matchAll(/“(\w+)”.*?€ ([\d.]+)/g), ([, shop, price]) => ({
      shop,
      price: Number(price),
    }))
    // The first answer is no JSON, and is mended.
    return { text: prompts.length === 1 ? 'Here they are:' : JSON.stringify({ offers: found }) }
  })
  const app = await testApp({ plugins: [assistant({ model }), PriceWatch] })
  onTestFinished(() => app.close())
  const call = async (name: string, input: object = {}) => {
    const outcome = await app.call(`price-watch.${name}`, input)
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
    return outcome.output as Seen
  }
  const stands = () => call('show', { run: 1, seconds: 20 })
  await call('start')
  const form = (await stands()).steps[0]?.output
  expect(form).toMatchObject({ product: 'Teapot', urls: { length: 3 } })
  await call('answer-shops', { run: 1, ...(form as object) })
  expect(await stands()).toMatchObject({
    state: 'waiting',
    step: 'offers',
    steps: { 2: { output: { offers: [] } } },
  })
  expect(prompts[0]).toMatch(/^Prices of Teapot:\n<h1>Shop “lu”.*€ 24.50/)
  await call('answer-offers', { run: 1, offers: [{ shop: 'kettle', price: 19.9 }] })
  expect((await app.inject({ url: '/price-watch/1' })).body).toContain('<td>kettle</td><td>19.9</td>')
  await call('answer-final', { run: 1, offers: [{ shop: 'The Kettle', price: 19.9 }] })
  expect(await stands()).toMatchObject({
    state: 'done',
    steps: { 3: { output: { offers: [{ shop: 'The Kettle' }] } } },
  })
})
