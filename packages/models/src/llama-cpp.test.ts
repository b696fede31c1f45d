import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { type LlamaCppModel, llamaCpp } from './llama-cpp.ts'
import { grammarSchema, withoutNulls } from './llama-schema.ts'
import type { ChatRequest, ModelEvent, Tool } from './model.ts'
import { model as fixture } from './testing/fixtures.ts'
import { type ModelStage, modelConformance } from './testing/model-conformance.ts'

const plain = { gpu: false, temperature: 0, describeTools: false, threads: 1 } as const
const caller = llamaCpp({ model: fixture('tiny-tool-caller-Q8_0.gguf'), contextTokens: 512, ...plain })
const random = llamaCpp({ model: fixture('tiny-random.gguf'), contextTokens: 512, ...plain })
afterAll(async () => {
  await caller.close()
  await random.close()
})

const app = { enum: ['tasks', 'contacts', 'notes', 'books', 'expenses'] }
const tools: Tool[] = [
  toolOf('create_record', { app, title: { type: 'string' } }),
  toolOf('delete_record', { app, id: { type: 'integer' } }),
]
const hello = asks('hello')

const at = (model: LlamaCppModel, request?: ChatRequest) => async (): Promise<ModelStage> => ({
  model,
  ...(request && { request }),
})

test('llamaCpp() keeps what adapters promise, with real llama.cpp in process', {
  timeout: 60_000,
}, async () => {
  const folder = temporaryFolder()
  const garbage = join(folder, 'garbage.gguf')
  writeFileSync(garbage, 'This is no model.')
  const { failures, tried } = await modelConformance({
    streams: at(caller, hello),
    calls: async () => ({
      model: caller,
      request: { ...asks("add 'buy oat milk' to tasks"), tools },
      call: { tool: 'create_record', args: { app: 'tasks', title: 'buy oat milk' } },
    }),
    'forced call': at(caller),
    structured: at(caller),
    // Random weights talk until the context is full, so that there is an answer to stop at any moment.
    stops: at(random, hello),
    'no model': async () => ({ model: llamaCpp({ model: join(folder, 'none.gguf') }) }),
    overflow: at(caller, asks('word '.repeat(600))),
    garbage: async () => ({ model: llamaCpp({ model: garbage }) }),
  })
  expect(failures).toEqual([])
  expect(tried).toHaveLength(8)
})

test('a file says how long and what it is, without being loaded, and again when it has changed', async () => {
  const file = join(temporaryFolder(), 'one.gguf')
  copyFileSync(fixture('tiny-random.gguf'), file)
  const model = llamaCpp({ model: file })
  expect(await model.info()).toEqual({ model: 'one', contextTokens: 4096, tools: true, remote: false })
  copyFileSync(fixture('tiny-tool-caller-Q8_0.gguf'), file)
  expect(await model.info()).toMatchObject({ contextTokens: 512 })
  rmSync(file)
  await expect(model.info()).rejects.toMatchObject({ code: 'no-model' })
})

test('an answer that fills the context is cut, and says so', async () => {
  const events = await collect(random.chat(hello))
  expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'length' })
})

test('two that ask at once are answered one after the other, and one that waits can go', async () => {
  const stop = new AbortController()
  const first = collect(caller.chat(hello))
  const second = collect(caller.chat({ ...hello, signal: stop.signal }))
  const third = collect(caller.chat(asks('thanks')))
  stop.abort()
  await expect(second).rejects.toMatchObject({ code: 'aborted' })
  expect(textOf(await first)).toBe('Hello! What shall we do?')
  expect(textOf(await third)).toBe('You are welcome.')
})

test('the results of calls reach the model, which says what became of them', async () => {
  const call = { tool: 'create_record', args: { app: 'tasks', title: 'buy oat milk' } }
  const after = (content: string): ChatRequest => ({
    tools,
    messages: [
      { role: 'user', content: "add 'buy oat milk' to tasks" },
      { role: 'assistant', content: '', calls: [call] },
      { role: 'tool', tool: call.tool, content },
    ],
  })
  expect(textOf(await collect(caller.chat(after('{"ok":true,"id":3}'))))).toBe(
    'Added "buy oat milk" to tasks.',
  )
  expect(textOf(await collect(caller.chat(after('{"error":"denied"}'))))).toBe('That did not work: denied.')
})

test('tools that are described take their room in the context, and else none', async () => {
  const told = llamaCpp({
    ...plain,
    model: fixture('tiny-random.gguf'),
    contextTokens: 512,
    describeTools: true,
  })
  onTestFinished(() => told.close())
  await expect(collect(told.chat({ ...hello, tools }))).rejects.toMatchObject({ code: 'overflow' })
  const events = await collect(caller.chat({ ...hello, tools }))
  expect(events.at(-1)).toMatchObject({ usage: { prompt: 10 } })
})

test('once closed, the next request loads it again', async () => {
  await caller.close()
  expect(textOf(await collect(caller.chat(hello)))).toBe('Hello! What shall we do?')
})

test('a grammar gets what it can keep, and what was left out is left out again', () => {
  const parameters = {
    type: 'object',
    properties: {
      title: { type: 'string', maxLength: 5000, pattern: '^a' },
      due: { type: 'string', format: 'date' },
      kind: { anyOf: [{ const: 'a' }, { const: 'b' }] },
    },
    required: ['title', 'kind'],
    additionalProperties: false,
  }
  expect(grammarSchema(parameters)).toEqual({
    type: 'object',
    properties: {
      title: { type: 'string' },
      due: { oneOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
      kind: { oneOf: [{ const: 'a' }, { const: 'b' }] },
    },
    additionalProperties: false,
  })
  expect(withoutNulls({ title: 'a', due: null, kind: null }, parameters)).toEqual({ title: 'a', kind: null })
})

function asks(content: string): ChatRequest {
  return { messages: [{ role: 'user', content }] }
}

function toolOf(name: string, properties: Readonly<Record<string, object>>): Tool {
  const parameters = { type: 'object', properties, required: Object.keys(properties) }
  return { name, description: name, parameters }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-models-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

test('node-llama-cpp is loaded when a model of it is asked, and not by the import of the package', () => {
  const program = `
    import { registerHooks } from 'node:module'
    let isLoaded = false
    registerHooks({
      resolve(name, context, next) {
        isLoaded ||= name === 'node-llama-cpp'
        return next(name, context)
      },
    })
    const { llamaCpp, ollama } = await import('./index.ts')
    await ollama(undefined, { host: 'http://127.0.0.1:9' }).info().catch(() => {})
    const model = llamaCpp({ model: 'none.gguf' })
    console.log(isLoaded)
    await model.info().catch(() => {})
    console.log(isLoaded)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual(['false', 'true', ''])
})
