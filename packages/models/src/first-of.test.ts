import { expect, test } from 'vitest'
import { firstOf } from './first-of.ts'
import { llamaCpp } from './llama-cpp.ts'
import { type Model, ModelError } from './model.ts'
import { ollama } from './ollama.ts'
import { fakeOllama } from './testing/fake-ollama.ts'
import { model as fixture } from './testing/fixtures.ts'
import { conformanceRequests } from './testing/model-conformance.ts'
import { scripted } from './testing/scripted.ts'

test('Ollama answers where it runs, else the file that the app was given', async () => {
  const server = await fakeOllama(() => ['From Ollama'])
  const file = llamaCpp({
    model: fixture('tiny-tool-caller-Q8_0.gguf'),
    gpu: false,
    threads: 1,
    temperature: 0,
  })
  const model = firstOf(ollama(undefined, { host: server.host }), file)
  expect(await model.info()).toMatchObject({ model: 'qwen3:4b' })
  expect(await said(model)).toBe('From Ollama')
  await server.close()
  expect(await model.info()).toMatchObject({ model: 'tiny-tool-caller-Q8_0' })
  expect(await said(model)).toBe('Hello! What shall we do?')
  await file.close()
})

test('where none answers, it says what each said and how to get one', async () => {
  const server = await fakeOllama(() => [])
  await server.close()
  const model = firstOf(ollama(undefined, { host: server.host }), llamaCpp({ model: '/nowhere/none.gguf' }))
  for (const asking of [model.info(), said(model)]) {
    await expect(asking).rejects.toMatchObject({
      code: 'offline',
      message: expect.stringMatching(
        /^No language model answers\. ollama: .*llama-cpp: There is no model file/,
      ),
      fix: expect.stringContaining('ollama.com'),
    })
  }
})

test('an answer that fails is not begun anew by the next model', async () => {
  const broken = scripted([{ text: 'Well', error: new ModelError('failed', 'boom', 'Try again.') }])
  await expect(said(firstOf(broken, scripted([{ text: 'Other' }])))).rejects.toMatchObject({
    message: 'boom',
  })
})

async function said(model: Model): Promise<string> {
  let text = ''
  for await (const event of model.chat(conformanceRequests.hello))
    if (event.type === 'text') text += event.text
  return text
}
