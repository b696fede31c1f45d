import { type ChatRequest, type Model, ModelError, type ModelEvent } from '@localapp/models'
import { type ScriptedTurn, scripted } from '@localapp/models/testing'
import { expect, test } from 'vitest'
import { type Keeper, watched } from './exchange.ts'

const request: ChatRequest = {
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'add milk' },
  ],
}

async function all(answer: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of answer) events.push(event)
  return events
}

/** What is kept of one answer, as a row of the table. */
async function kept(
  turn: ScriptedTurn,
  read: (model: Model) => Promise<unknown> = async (model) => await all(model.chat(request)),
): Promise<Record<string, unknown>> {
  const row: Record<string, unknown> = {}
  const keeper: Keeper = {
    begin: async (begun) => void Object.assign(row, begun),
    end: async (patch) => void Object.assign(row, patch),
  }
  const model = watched(scripted([turn]), 'turn-1', () => keeper)
  await model.info()
  await read(model).catch((thrown: unknown) => Object.assign(row, { thrown }))
  return row
}

test('what was asked and answered is kept, and reaches both sides as it is', async () => {
  const calls = [{ tool: 'todo_create', args: { title: 'Milk' } }]
  const turn = { thinking: 'Hm.', text: 'Good day to you', calls }
  let events: ModelEvent[] = []
  const row = await kept(turn, async (model) => {
    events = await all(model.chat(request))
  })
  expect(events).toEqual(await all(scripted([turn]).chat(request)))
  expect(row).toMatchObject({ turn: 'turn-1', said: 'add milk', model: 'scripted', note: '' })
  expect(JSON.parse(String(row.request))).toEqual(request)
  expect(JSON.parse(String(row.answer))).toEqual({ thinking: 'Hm.', text: 'Good day to you', calls })
  for (const known of ['promptTokens', 'outputTokens', 'first', 'took'])
    expect(row[known]).toEqual(expect.any(Number))
})

test('the signal is passed on and not kept', async () => {
  const stop = new AbortController()
  const row = await kept({ text: 'Once', hang: true }, async (model) => {
    for await (const event of model.chat({ ...request, signal: stop.signal }))
      if (event.type === 'text') stop.abort()
  })
  expect(row.thrown).toMatchObject({ code: 'aborted' })
  expect(row.note).toBe((row.thrown as Error).message)
  expect(JSON.parse(String(row.request))).toEqual(request)
  expect(JSON.parse(String(row.answer))).toMatchObject({ text: 'Once' })
})

test('an answer that nobody reads to its end is kept as far as it came', async () => {
  const row = await kept({ text: 'one two three' }, async (model) => {
    for await (const _ of model.chat(request)) break
  })
  expect(row).toMatchObject({ note: 'The answer was stopped.', promptTokens: null })
  expect(JSON.parse(String(row.answer)).text).toBe('one')
})

test('an error is kept in words and thrown on, and a cut answer says so', async () => {
  const error = new ModelError('busy', 'Ollama is busy.', 'Try again.')
  expect(await kept({ text: 'So', error })).toMatchObject({ note: 'Ollama is busy.', thrown: error })
  expect(await kept({ text: 'So', cut: true })).toMatchObject({
    note: 'The model could write no more at once.',
  })
})
