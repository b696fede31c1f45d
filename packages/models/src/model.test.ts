import { expect, test } from 'vitest'
import { type ChatRequest, type Model, ModelError, type ModelEvent } from './model.ts'
import { ollama } from './ollama.ts'
import { type FakeOllamaOptions, type FakePart, fakeOllama } from './testing/fake-ollama.ts'
import { type ScriptedTurn, scripted } from './testing/scripted.ts'

const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }] }
const tool = { name: 'todo_create', description: 'Adds a task', parameters: { type: 'object' } }

async function all(model: Model, request: ChatRequest = hello): Promise<ModelEvent[]> {
  return await collect(model.chat(request))
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

/** Stops an answer at its first text. */
async function untilText(model: Model): Promise<void> {
  const stop = new AbortController()
  for await (const { type } of model.chat({ ...hello, signal: stop.signal }))
    if (type === 'text') stop.abort()
}

async function onFake(
  parts: readonly FakePart[],
  use: (model: Model, server: Awaited<ReturnType<typeof fakeOllama>>) => Promise<void>,
  options?: FakeOllamaOptions,
): Promise<void> {
  const server = await fakeOllama(() => parts, options)
  try {
    await use(ollama('qwen3:4b', { host: server.host }), server)
  } finally {
    await server.close()
  }
}

function partsOf({ thinking, text, calls = [], error, hang }: ScriptedTurn): FakePart[] {
  return [
    ...(thinking === undefined ? [] : [{ thinking }]),
    ...(text === undefined ? [] : text.split(/(?= )/)),
    ...calls,
    ...(error ? [{ error: 'boom' }] : []),
    ...(hang ? ['hang' as const] : []),
  ]
}

const adapters = {
  scripted: async (turn: ScriptedTurn, use: (model: Model) => Promise<void>) => await use(scripted([turn])),
  ollama: async (turn: ScriptedTurn, use: (model: Model) => Promise<void>) =>
    await onFake(partsOf(turn), use),
}

test.each(Object.entries(adapters))('%s streams text, then exactly one end', async (_name, run) => {
  await run({ thinking: 'Hm', text: 'Good day to you' }, async (model) => {
    const events = await all(model)
    expect(textOf(events)).toBe('Good day to you')
    expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(1)
    expect(events[0]).toEqual({ type: 'thinking', text: 'Hm' })
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      reason: 'stop',
      usage: { prompt: expect.any(Number) },
    })
  })
})

test.each(Object.entries(adapters))('%s gives whole calls', async (_name, run) => {
  const call = { tool: 'todo_create', args: { title: 'Buy milk' } }
  await run({ calls: [call] }, async (model) => {
    const events = await all(model, { ...hello, tools: [tool] })
    expect(events).toEqual([
      { type: 'tool-call', ...call },
      expect.objectContaining({ type: 'done', reason: 'stop' }),
    ])
  })
})

test.each(Object.entries(adapters))('%s stops when it is told to', async (_name, run) => {
  await run({ text: 'Well', hang: true }, async (model) => {
    await expect(untilText(model)).rejects.toMatchObject({ code: 'aborted' })
  })
})

test.each(Object.entries(adapters))(
  '%s throws its own error in the middle of an answer',
  async (_name, run) => {
    await run({ text: 'Well', error: new ModelError('failed', 'boom', 'Try again.') }, async (model) => {
      const seen: ModelEvent[] = []
      const asking = (async () => {
        for await (const event of model.chat(hello)) seen.push(event)
      })()
      await expect(asking).rejects.toMatchObject({
        name: 'ModelError',
        code: 'failed',
        message: expect.stringContaining('boom'),
      })
      expect(textOf(seen)).toBe('Well')
    })
  },
)

test('Ollama sees that the client has gone, and other answers go on', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  await onFake(['Well', held, ' then'], async (model, server) => {
    const other = all(model)
    await expect(untilText(model)).rejects.toMatchObject({ code: 'aborted' })
    await expect.poll(() => server.aborted).toBe(1)
    release()
    expect(textOf(await other)).toBe('Well then')
  })
})

test('Ollama sees that the reader has gone', async () => {
  await onFake(['Well', 'hang'], async (model, server) => {
    for await (const event of model.chat(hello)) if (event.type === 'text') break
    await expect.poll(() => server.aborted).toBe(1)
  })
})

test('Ollama gets one constant context, and no silent loss', async () => {
  await onFake(['Hi'], async (model, { chats }) => {
    await all(model, {
      messages: [
        ...hello.messages,
        { role: 'assistant', content: '', calls: [{ tool: 'todo_create', args: { title: 'x' } }] },
        { role: 'tool', tool: 'todo_create', content: 'Added' },
      ],
      tools: [tool],
    })
    expect(chats[0]).toMatchObject({
      stream: true,
      truncate: false,
      shift: false,
      options: { num_ctx: 8192 },
      messages: [
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ function: { name: 'todo_create', arguments: { title: 'x' } } }] },
        { role: 'tool', tool_name: 'todo_create', content: 'Added' },
      ],
    })
    expect(chats[0]).not.toHaveProperty('think')
  })
})

test.each([1, 3, 7])('lines and letters in pieces of %i bytes arrive whole', async (chunkBytes) => {
  await onFake(
    ['Grüße', ' 🥛 für dich'],
    async (model) => expect(textOf(await all(model))).toBe('Grüße 🥛 für dich'),
    { chunkBytes },
  )
})

test('without a name, the first model that can use tools answers', async () => {
  const models = { 'embed:1': ['embedding'], 'tiny:1': ['completion'], 'able:1': ['completion', 'tools'] }
  const server = await fakeOllama(() => ['Hi'], { models })
  expect(await ollama(undefined, { host: server.host }).info()).toEqual({
    model: 'able:1',
    contextTokens: 8192,
    tools: true,
    remote: false,
  })
  await server.close()
})

test('Ollama that does not run is named, with what to do', async () => {
  const server = await fakeOllama(() => [])
  await server.close()
  for (const model of [ollama(undefined, { host: server.host }), ollama('x', { host: server.host })]) {
    await expect(model.info()).rejects.toMatchObject({
      code: 'offline',
      message: 'Ollama is not running.',
      fix: 'Start it with “ollama serve”, or get it from ollama.com.',
    })
    await expect(all(model)).rejects.toMatchObject({ code: 'offline' })
  }
})

test('a model that is not installed is named, with what to do', async () => {
  const server = await fakeOllama(() => [], { models: {} })
  await expect(ollama('x', { host: server.host }).info()).rejects.toMatchObject({
    code: 'no-model',
    message: `Ollama says: model 'x' not found.`,
    fix: 'Get it with “ollama pull”, or choose another model.',
  })
  await expect(ollama(undefined, { host: server.host }).info()).rejects.toMatchObject({ code: 'no-model' })
  await server.close()
})

test('too long a conversation is its own error', async () => {
  const error = 'the input length exceeds the context length'
  await onFake([{ error, status: 400 }], async (model) => {
    await expect(all(model)).rejects.toMatchObject({ code: 'overflow' })
  })
})

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = []
  for await (const event of events) all.push(event)
  return all
}
