import { expect, test } from 'vitest'
import { ModelError } from './model.ts'
import { ollama } from './ollama.ts'
import { type FakeOllamaOptions, type FakePart, fakeOllama } from './testing/fake-ollama.ts'
import { conformanceCall, type ModelStage, modelConformance } from './testing/model-conformance.ts'
import { scripted } from './testing/scripted.ts'

const good = 'Good day to you'
const json = JSON.stringify({ title: 'Buy milk', size: 1 })
const forced = JSON.stringify({ tool: conformanceCall.tool, args: conformanceCall.args })
const error = new ModelError('failed', 'boom', 'Try again.')

test('scripted() keeps what adapters promise', async () => {
  const { failures, tried } = await modelConformance({
    streams: async () => ({ model: scripted([{ text: good }]) }),
    thinks: async () => ({ model: scripted([{ thinking: 'Hm', text: good }]) }),
    calls: async () => ({ model: scripted([{ calls: [conformanceCall] }]) }),
    'forced call': async () => ({ model: scripted([{ text: forced }]) }),
    structured: async () => ({ model: scripted([{ text: json }]) }),
    stops: async () => ({ model: scripted(() => ({ text: good, hang: true })) }),
    'no tools': async () => ({ model: scripted([{ text: good }], { tools: false }) }),
    'error in the stream': async () => ({ model: scripted([{ text: good, error }]) }),
  })
  expect(failures).toEqual([])
  expect(tried).toHaveLength(8)
})

type On = (parts: readonly FakePart[], options?: FakeOllamaOptions) => () => Promise<ModelStage>

const on: On = (parts, options) => async () => {
  const server = await fakeOllama(() => parts, options)
  return { model: ollama('qwen3:4b', { host: server.host, timeout: 300 }), close: server.close }
}
const words = good.split(/(?= )/)

test('ollama() keeps what adapters promise, with the real client over real HTTP', async () => {
  const { failures, tried } = await modelConformance({
    streams: on(words),
    thinks: on([{ thinking: 'Hm' }, ...words]),
    calls: on([conformanceCall]),
    'forced call': on([forced]),
    structured: on([json.slice(0, 9), json.slice(9)]),
    stops: on(['Well', 'hang']),
    offline: async () => {
      const server = await fakeOllama(() => [])
      await server.close()
      return { model: ollama('qwen3:4b', { host: server.host }) }
    },
    'no model': on([], { models: {} }),
    // Ollama itself refuses the tools, which is tried with a request that it then answers.
    'no tools': async () => {
      const server = await fakeOllama(({ tools = [] }) =>
        tools.length > 0
          ? [{ error: 'registry.ollama.ai/library/qwen3:4b does not support tools', status: 400 }]
          : words,
      )
      return { model: ollama('qwen3:4b', { host: server.host }), close: server.close }
    },
    overflow: on([{ error: 'the input length exceeds the context length', status: 400 }]),
    garbage: on([{ raw: '<html>no Ollama</html>\n' }]),
    silence: on(['hang']),
    'error in the stream': on(['Well', { error: 'boom' }]),
    'break in the stream': on(['Well', { wait: 50 }, 'break']),
  })
  expect(failures).toEqual([])
  expect(tried).toHaveLength(14)
})
