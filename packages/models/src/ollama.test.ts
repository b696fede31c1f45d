import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ChatRequest, Model, ModelEvent } from './model.ts'
import { type OllamaOptions, ollama } from './ollama.ts'
import { type FakeOllama, type FakeOllamaOptions, type FakePart, fakeOllama } from './testing/fake-ollama.ts'

const servers: { close(): unknown }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serve(parts: readonly FakePart[], options?: FakeOllamaOptions): Promise<FakeOllama> {
  const server = await fakeOllama(() => parts, options)
  servers.push(server)
  return server
}

const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }] }

/** What was heard, up to the end or the error. */
async function hear(
  model: Model,
  request = hello,
  heard: () => void = () => undefined,
): Promise<{ events: ModelEvent[]; error?: unknown }> {
  const events: ModelEvent[] = []
  try {
    for await (const event of model.chat(request)) {
      events.push(event)
      heard()
    }
    return { events }
  } catch (error) {
    return { events, error }
  }
}

async function answer(parts: readonly FakePart[], options?: OllamaOptions): ReturnType<typeof hear> {
  return await hear(ollama('qwen3:4b', { host: (await serve(parts)).host, ...options }))
}

describe('models that run elsewhere', () => {
  const models = { 'big:cloud': ['completion', 'tools'], 'qwen3:4b': ['completion', 'tools'] }

  test('are not chosen: the user has to name one', async () => {
    const { host } = await serve(['Hi'], { models })
    expect(await ollama(undefined, { host }).info()).toMatchObject({ model: 'qwen3:4b', remote: false })
    const { host: cloudOnly } = await serve([], { models: { 'big:cloud': models['big:cloud'] } })
    await expect(ollama(undefined, { host: cloudOnly }).info()).rejects.toMatchObject({ code: 'no-model' })
  })

  test('say so', async () => {
    const { host } = await serve(['Hi'], { models })
    expect(await ollama('big:cloud', { host }).info()).toMatchObject({ remote: true })
  })

  test.each([
    ['http://localhost', false],
    ['127.0.0.1', false],
    ['http://[::1]', false],
    ['http://192.168.1.5', true],
    ['http://localhost.example', true],
    ['http://127.0.0.1@ollama.example', true],
    ['https://ollama.com', true],
  ])('%s: %s', async (host, remote) => {
    const server = await serve(['Hi'], { models })
    const { fetch } = globalThis
    const path = (input: unknown): string => new URL(String(input)).pathname
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => fetch(server.host + path(input), init))
    expect(await ollama('qwen3:4b', { host }).info()).toMatchObject({ remote })
  })
})

test('a schema goes as format', async () => {
  const server = await serve(['{}'])
  const schema = { oneOf: [{ type: 'object' }] }
  await hear(ollama('qwen3:4b', { host: server.host }), { ...hello, schema })
  expect(server.chats[0]).toMatchObject({ format: schema })
  expect(server.chats[0]).toHaveProperty('tools', [])
})

describe('what goes wrong', () => {
  test.each([
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'busy'],
    [400, '"qwen3:4b" does not support thinking', 'unsupported'],
    [500, "error parsing tool call: raw='{', err=unexpected end of JSON input", 'bad-output'],
    [500, 'model requires more system memory (9.1 GiB) than is available (4.0 GiB)', 'failed'],
  ])('Ollama answers %i %s', async (status, error, code) => {
    expect(await answer([{ error, status }])).toMatchObject({ events: [], error: { code } })
  })

  test.each(['no JSON\n', '<html></html>\n', 'null\n', '{}\n', '[]\n', '{"mess', '\n'])(
    'garbage is said, not skipped: %j',
    async (raw) => {
      const warned = vi.spyOn(console, 'warn')
      const { events, error } = await answer(['One', { raw }, 'Two'])
      expect(error).toMatchObject({ code: 'bad-output' })
      expect(events).toEqual([{ type: 'text', text: 'One' }])
      expect(warned).not.toHaveBeenCalled()
    },
  )

  test('nor is one that breaks before the first byte', async () => {
    expect((await answer(['break'])).error).toMatchObject({ message: 'Ollama broke off its answer.' })
  })

  test('an answer that ends without its end is broken off', async () => {
    const { events, error } = await answer(['One', 'end'])
    expect(events).toEqual([{ type: 'text', text: 'One' }])
    expect(error).toMatchObject({ message: 'Ollama broke off its answer.' })
  })

  test('a connection that breaks is not an Ollama that does not run', async () => {
    const { promise: heard, resolve } = Promise.withResolvers<void>()
    const { host } = await serve(['One', heard, 'break'])
    const { events, error } = await hear(ollama('qwen3:4b', { host }), hello, resolve)
    expect(events).toEqual([{ type: 'text', text: 'One' }])
    expect(error).toMatchObject({ code: 'failed', message: 'Ollama broke off its answer.' })
  })

  test('silence ends an answer: before the headers, and in the middle', async () => {
    expect((await answer(['hang'], { timeout: 200 })).error).toMatchObject({ code: 'timeout' })
    expect((await answer(['One', 'hang'], { timeout: 200 })).error).toMatchObject({ code: 'timeout' })
  })

  test('silence ends the look at the model too, also when the user could stop it', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1')
    servers.push(server)
    await vi.waitUntil(() => server.listening)
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const model = ollama('qwen3:4b', { host, timeout: 200 })
    const { error } = await hear(model, { ...hello, signal: new AbortController().signal })
    expect(error).toMatchObject({ code: 'timeout' })
  })

  test('an answer that is slow and alive is waited for', async () => {
    const slow = Array.from({ length: 12 }, (): FakePart[] => [{ wait: 100 }, 'x']).flat()
    const { events, error } = await answer(slow, { timeout: 1_000 })
    expect(error).toBeUndefined()
    expect(events.at(-1)?.type).toBe('done')
  })

  test('something else listens there', async () => {
    const server = createServer((_request, response) => response.end('<h1>My home page</h1>')).listen(
      0,
      '127.0.0.1',
    )
    servers.push(server)
    await vi.waitUntil(() => server.listening)
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const stranger = { code: 'bad-output', message: 'What Ollama sent could not be read.' }
    for (const model of [ollama(undefined, { host }), ollama('qwen3:4b', { host })]) {
      await expect(model.info()).rejects.toMatchObject(stranger)
      expect((await hear(model)).error).toMatchObject(stranger)
    }
  })

  test('an old Ollama leaves the beginning out and does not say so', async () => {
    const long: ChatRequest = { messages: [{ role: 'user', content: 'word '.repeat(6_000) }] }
    const { host } = await serve(['x'], { promptTokens: 2_000 })
    expect((await hear(ollama('qwen3:4b', { host }), long)).error).toMatchObject({ code: 'overflow' })
    const { host: honest } = await serve(['x'], { promptTokens: 6_000 })
    expect((await hear(ollama('qwen3:4b', { host: honest }), long)).error).toBeUndefined()
  })
})

test('Ollama sees an answer that came to its end as such', async () => {
  const server = await serve(['One'])
  await hear(ollama('qwen3:4b', { host: server.host }))
  await server.close()
  expect(server.aborted).toBe(0)
})
