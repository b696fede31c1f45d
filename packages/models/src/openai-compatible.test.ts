import { expect, test } from 'vitest'
import type { ModelEvent } from './model.ts'
import { openaiCompatible } from './openai-compatible.ts'
import {
  type FakeOpenai,
  type FakeOpenaiOptions,
  fakeOpenai,
  type OpenaiPart,
} from './testing/fake-openai.ts'
import {
  conformanceCall,
  conformanceRequests,
  type ModelStage,
  modelConformance,
} from './testing/model-conformance.ts'

const words = ['Good', ' day', ' to', ' you']
const json = JSON.stringify({ title: 'Buy milk', size: 1 })
const callPieces: OpenaiPart[] = [
  { delta: { tool_calls: [{ index: 0, id: 'x1', function: { name: 'todo_create', arguments: '' } }] } },
  { delta: { tool_calls: [{ index: 0, function: { arguments: '{"title":"Buy' } }] } },
  { delta: { tool_calls: [{ index: 0, function: { arguments: ' milk"}' } }] } },
  { finish: 'tool_calls' },
]

const on = (parts: readonly OpenaiPart[], options?: FakeOpenaiOptions) => async (): Promise<ModelStage> => {
  const server = await fakeOpenai(() => parts, options)
  return { model: openaiCompatible({ baseURL: server.baseURL, timeout: 300 }), close: server.close }
}
const refused = (message: string, status: number, type = 'invalid_request_error') =>
  on([{ refused: { error: { code: status, message, type } }, status }])

test('openaiCompatible() keeps what adapters promise, over real HTTP', async () => {
  const { failures, tried } = await modelConformance({
    streams: on(words),
    thinks: on([{ delta: { reasoning_content: 'Hm' } }, ...words]),
    calls: on(callPieces),
    'forced call': on([JSON.stringify(conformanceCall)]),
    structured: on([json.slice(0, 9), json.slice(9)]),
    stops: on(['Well', 'hang']),
    offline: async () => {
      const server = await fakeOpenai(() => [])
      await server.close()
      return { model: openaiCompatible({ baseURL: server.baseURL }) }
    },
    'no model': on([], { models: [] }),
    'no tools': async () => {
      const server = await fakeOpenai(({ tools }) =>
        tools
          ? [{ refused: { error: { message: 'tools param requires --jinja flag' } }, status: 500 }]
          : words,
      )
      return { model: openaiCompatible({ baseURL: server.baseURL }), close: server.close }
    },
    overflow: refused(
      'the request exceeds the available context size (5021 tokens, 4096 available)',
      400,
      'exceed_context_size_error',
    ),
    garbage: on(['Well', { raw: 'data: {not JSON\n\n' }]),
    silence: on(['hang']),
    'error in the stream': on(['Well', { raw: 'data: {"error":{"message":"boom"}}\n\n' }]),
    'break in the stream': on(['Well', { wait: 50 }, 'break']),
  })
  expect(failures).toEqual([])
  expect(tried).toHaveLength(14)
})

test.each([
  [
    'a conversation too long for vLLM',
    refused("This model's maximum context length is 4096 tokens.", 400),
    'overflow',
  ],
  ['a model that is not loaded', refused("The model 'x' does not exist", 404), 'no-model'],
  ['a server that still loads', refused('Loading model', 503, 'unavailable_error'), 'busy'],
  ['a key that is wrong', refused('Invalid API Key', 401), 'failed'],
  ['an answer that the server cannot parse', refused('Failed to parse input at pos 12', 500), 'bad-output'],
  ['a page in place of an answer', on([{ refused: '<html>', status: 404 }]), 'offline'],
  ['an answer without an end', on(['Well', 'end']), 'failed'],
  ['an error as llama-server names it', on(['Well', { raw: 'error: {"message":"boom"}\n\n' }]), 'failed'],
])('%s has its own words', async (_what, open, code) => {
  const { model, close } = await open()
  const error = await collect(model.chat(conformanceRequests.hello)).catch((thrown) => thrown)
  expect(error).toMatchObject({ name: 'ModelError', code, fix: expect.stringMatching(/\.$/) })
  await close?.()
})

test('what is asked is as servers want it', async () => {
  await onServer(callPieces, async (server) => {
    const model = openaiCompatible({ baseURL: `${server.baseURL}/`, model: 'qwen3-4b', apiKey: 'secret' })
    const calls = [conformanceCall, { ...conformanceCall, args: { title: 'Eggs' } }]
    const events = await collect(
      model.chat({
        ...conformanceRequests.call,
        messages: [
          ...conformanceRequests.call.messages,
          { role: 'assistant', content: '', calls },
          { role: 'tool', tool: 'todo_create', content: 'Added 1' },
          { role: 'tool', tool: 'todo_create', content: 'Added 2' },
        ],
      }),
    )
    expect(events).toEqual([
      { type: 'tool-call', ...conformanceCall },
      { type: 'done', reason: 'stop', usage: { prompt: 11, output: 4 } },
    ])
    const [{ body, headers } = { body: {}, headers: {} }] = server.chats
    expect(headers.authorization).toBe('Bearer secret')
    expect(body).toMatchObject({
      model: 'qwen3-4b',
      stream: true,
      stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { name: 'todo_create' } }],
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          tool_calls: [
            { id: 'call_1', function: { name: 'todo_create', arguments: '{"title":"Buy milk"}' } },
            { id: 'call_2', function: { name: 'todo_create', arguments: '{"title":"Eggs"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Added 1' },
        { role: 'tool', tool_call_id: 'call_2', content: 'Added 2' },
      ],
    })
    expect(body).not.toHaveProperty('response_format')
  })
})

test('a call that was cut off is no call, and the answer says so', async () => {
  const cut: OpenaiPart[] = [...callPieces.slice(0, 2), { finish: 'length' }]
  await onServer(cut, async ({ baseURL }) => {
    const events = await collect(openaiCompatible({ baseURL }).chat(conformanceRequests.call))
    expect(events).toEqual([expect.objectContaining({ type: 'done', reason: 'length' })])
  })
})

test.each([1, 3, 7])('events and letters in pieces of %i bytes arrive whole', async (chunkBytes) => {
  const server = await fakeOpenai(() => ['Grüße', ' 🥛 für dich'], { chunkBytes })
  const events = await collect(openaiCompatible({ baseURL: server.baseURL }).chat(conformanceRequests.hello))
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('')
  expect(text).toBe('Grüße 🥛 für dich')
  await server.close()
})

test('the server sees that the client has gone', async () => {
  await onServer(['Well', 'hang'], async (server) => {
    const model = openaiCompatible({ baseURL: server.baseURL })
    for await (const event of model.chat(conformanceRequests.hello)) if (event.type === 'text') break
    await expect.poll(() => server.aborted).toBe(1)
  })
})

test('what the server tells of a model counts, and a server elsewhere is said to be there', async () => {
  const models = [{ id: 'a', max_model_len: 2048 }, { id: 'b' }]
  const server = await fakeOpenai(() => [], { models })
  const { baseURL } = server
  expect(await openaiCompatible({ baseURL }).info()).toEqual({
    model: 'a',
    contextTokens: 2048,
    tools: true,
    remote: false,
  })
  expect(await openaiCompatible({ baseURL, model: 'b', tools: false }).info()).toMatchObject({
    model: 'b',
    contextTokens: 8192,
    tools: false,
  })
  await expect(openaiCompatible({ baseURL, model: 'c' }).info()).rejects.toMatchObject({
    code: 'no-model',
    fix: 'Choose one that it has: a, b.',
  })
  // 0.0.0.0 leads to this machine, and is not known to be it.
  const elsewhere = baseURL.replace('127.0.0.1', '0.0.0.0')
  expect(await openaiCompatible({ baseURL: elsewhere }).info()).toMatchObject({ remote: true })
  await server.close()
})

async function onServer(
  parts: readonly OpenaiPart[],
  use: (server: FakeOpenai) => Promise<void>,
): Promise<void> {
  const server = await fakeOpenai(() => parts)
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = []
  for await (const event of events) all.push(event)
  return all
}
