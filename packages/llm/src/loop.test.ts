import type { ChatRequest } from '@localapp/models'
import { type Script, type ScriptedTurn, scripted } from '@localapp/models/testing'
import { expect, test } from 'vitest'
import { appWith, pageOf, say, titlesOf } from './testing/todo.ts'

const milk = { tool: 'todo_create', args: { title: 'Buy milk' } }
const wrong = { tool: 'todo_create', args: { titel: 'Buy milk' } }

/** Runs a turn to its end; returns what the model was asked each time. */
async function run(script: readonly ScriptedTurn[], text = 'add buy milk') {
  const requests: ChatRequest[] = []
  const listening: Script = (request, index) => {
    requests.push(request)
    return script[Math.min(index, script.length - 1)] ?? {}
  }
  const app = await appWith(scripted(listening))
  await say(app, text)
  await expect.poll(() => pageOf(app)).not.toContain('>Stop</button>')
  return { app, requests, page: await pageOf(app) }
}

test('a result goes back to the model, which then answers', async () => {
  const { app, requests, page } = await run([{ text: 'Well.', calls: [milk] }, { text: 'Added **it**.' }])
  expect(requests).toHaveLength(2)
  expect(requests[1]?.messages.slice(-2)).toEqual([
    { role: 'assistant', content: 'Well.', calls: [milk] },
    { role: 'tool', tool: 'todo_create', content: expect.stringMatching(/^Added “Buy milk”\n\{\n "id": 1/) },
  ])
  expect(page).toContain('Added <strong>it</strong>.')
  expect(await titlesOf(app)).toEqual(['Buy milk'])
})

test('wrong arguments are repaired twice in a row, in words', async () => {
  const { app, requests } = await run([
    { calls: [wrong] },
    { calls: [wrong] },
    { calls: [milk] },
    { calls: [wrong] },
    { text: 'Done.' },
  ])
  expect(requests).toHaveLength(5)
  expect(requests[1]?.messages.at(-1)?.content).toBe(
    'Not done. title: Title is required. titel: There is no field “titel”. The fields are: title, done, size.',
  )
  expect(await titlesOf(app)).toEqual(['Buy milk'])
})

test('after that the user hears of it', async () => {
  const { requests, page } = await run([{ calls: [wrong] }])
  expect(requests).toHaveLength(3)
  expect(page).toContain('This was refused three times.')
})

test('eight steps are the limit', async () => {
  const { app, page } = await run([{ calls: [milk] }])
  expect(await titlesOf(app)).toHaveLength(8)
  expect(page).toContain('The assistant stopped after 8 steps.')
})

test('calls run in order, and none after one that waits for the user', async () => {
  const first = { tool: 'todo_create', args: { title: 'First' } }
  const { app, requests, page } = await run([
    { calls: [first, { tool: 'todo_delete', args: { id: 1 } }, milk] },
  ])
  expect(requests).toHaveLength(1)
  expect(await titlesOf(app)).toEqual(['First'])
  expect(page).toContain('Waits for approval: Delete: “First”')
  expect(page).toContain('A call before this one waits for the user.')
})

test.each(['todo_secret', 'todo_nothing', 'shell', ''])('there is no tool “%s”', async (tool) => {
  const { requests } = await run([{ calls: [{ tool, args: {} }] }, { text: 'Sorry.' }])
  expect(requests[1]?.messages.at(-1)?.content).toContain(`There is no tool “${tool}”.`)
})

test('a failure is told to the model', async () => {
  const { requests } = await run([{ calls: [{ tool: 'todo_delete', args: { id: 9 } }] }, { text: 'Sorry.' }])
  expect(requests[1]?.messages.at(-1)?.content).toContain('Not done. There is no record 9 in todo')
})

test('an answer that the model cannot end says so', async () => {
  const { page } = await run([{ text: 'Once upon', cut: true }])
  expect(page).toContain('Once upon')
  expect(page).toContain('The answer ends here')
})

test('a model without tools only talks', async () => {
  const requests: ChatRequest[] = []
  const model = scripted(
    (request) => {
      requests.push(request)
      return { text: 'Hello' }
    },
    { tools: false },
  )
  const app = await appWith(model)
  await say(app, 'hello')
  await expect.poll(() => pageOf(app)).toContain('<p>Hello</p>')
  expect(requests[0]?.tools).toEqual([])
  expect(await pageOf(app)).toContain('cannot use tools: it can only talk.')
})
