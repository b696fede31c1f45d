import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { root } from '../scripts/root.ts'

const app = `
import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
const app = await fastApp({ plugins: ['./plugins', admin()], port: 0 })
await app.run()
`
const hello = (title: string): string => `
import { h1, p, Plugin, type PluginContext } from '@localapp/core'
import { deep } from './lib/deep.ts'
import { word } from './_word.ts'

export default class Hello extends Plugin {
  name = 'hello'
  setup({ action, app, page, provide }: PluginContext) {
    let heard = 0
    app.onChanged(() => heard++)
    action('wave', { effect: 'write', run: () => {} })
    provide('greeting', '${title}')
    page('/', () => [h1('${title}'), p(word, ' ', deep, ' ', heard)])
    app.rt.get('/elsewhere/${title}', () => h1('${title} elsewhere'))
  }
}
`
const notes = (fields: string): string => `
import { CrudPlugin, t } from '@localapp/crud'
export default class Notes extends CrudPlugin({ name: 'notes', fields: { ${fields} } }) {}
`

let folder: string
let server: ChildProcess
let said: string
let origin: string
let authorization: string

function save(file: string, text: string): void {
  const path = join(folder, 'plugins', file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const get = (path: string): Promise<Response> => fetch(origin + path, { headers: { authorization } })
const textOf = async (path: string): Promise<string> => {
  const text = await (await get(path)).text()
  return text.replace(/.*<main[^>]*>|<\/main>.*/gs, '').replaceAll(/<[^>]*>/g, '')
}
const call = async (action: string, input: object): Promise<number> => {
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await fetch(`${origin}/api/${action}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(input),
  })
  return answer.status
}
const become = (path: string, text: string): Promise<unknown> =>
  expect.poll(() => textOf(path), { timeout: 5_000 }).toContain(text)

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'examples/home/reload-'))
  said = ''
  save('../app.ts', app)
  save('_word.ts', `export const word = 'one'`)
  save('lib/deep.ts', `export const deep = 'shallow'`)
  save('10_hello.ts', hello('Hello'))
  server = spawn(execPath, ['--conditions=@localapp/source', join(folder, 'app.ts'), 'start', '--no-open'])
  server.stderr?.on('data', (text) => {
    said += text
  })
  await once(server.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const { port, key } = JSON.parse(readFileSync(join(folder, 'data/home.lock'), 'utf8'))
  origin = `http://127.0.0.1:${port}`
  authorization = `Bearer ${key}`
})
afterEach(async () => {
  server.kill()
  await once(server, 'exit')
  rmSync(folder, { recursive: true })
})

test('a plugin serves as it was saved last, and so does what it imports', async () => {
  expect(await textOf('/hello')).toBe('Helloone shallow 0')
  save('_word.ts', `export const word = 'two'`)
  await become('/hello', 'two shallow')
  save('lib/deep.ts', `export const deep = 'deep'`)
  await become('/hello', 'two deep')
  save('10_hello.ts', hello('Hullo'))
  await become('/hello', 'Hullo')
  expect(await textOf('/elsewhere/Hullo')).toBe('Hullo elsewhere')
  expect((await get('/elsewhere/Hello')).status).toBe(404)
  expect(await call('hello/wave', {})).toBe(200)
  expect(await textOf('/hello')).toBe('Hullotwo deep 1')
})

test('a version that fails leaves the old one serving, and is named with file, line and what to do', async () => {
  for (const [text, reason] of [
    ['export default class {', '10_hello.ts:1'],
    [`${hello('Bad')}\nthrow new Error('too early')`, 'too early.'],
    [hello('Bad').replace('let heard = 0', `throw new Error('not set up')`), 'not set up.'],
    [hello('Bad').replace(`name = 'hello'`, `name = 'admin'`), 'Two plugins are called “admin”'],
    [hello('Bad').replace('default', ''), 'has no plugin as its default export'],
  ] as const) {
    save('10_hello.ts', text)
    await become('/-/plugins', reason)
    expect(await textOf('/hello')).toBe('Helloone shallow 0')
    expect(said).toContain(reason)
    expect(said).not.toMatch(/^ {4}at /m)
  }
  save('10_hello.ts', hello('Mended'))
  await become('/hello', 'Mended')
  expect(await textOf('/-/plugins')).not.toContain('could not')
})

test('a file comes and goes as a plugin, its table follows, and its data stays', async () => {
  save('20_notes.ts', notes('title: t.text()'))
  await become('/notes', 'Nothing is here yet.')
  expect(await call('notes/create', { title: 'Kept' })).toBe(200)
  save('20_notes.ts', notes('title: t.text(), done: t.bool()'))
  await become('/notes', 'Done')
  rmSync(join(folder, 'plugins/20_notes.ts'))
  await expect.poll(async () => (await get('/notes')).status).toBe(404)
  expect(await call('notes/create', { title: 'Late' })).toBe(404)
  save('05_notes.ts', notes('title: t.text(), done: t.bool()'))
  await become('/notes', 'Kept')
  expect(await textOf('/')).toMatch(/Notes.*Hello/s)
})

test('no request is lost while a plugin is saved again and again', async () => {
  const answers: number[] = []
  let over = false
  const visits = Array.from({ length: 4 }, async () => {
    while (!over) {
      answers.push((await get('/hello')).status, await call('hello/wave', {}))
    }
  })
  for (let turn = 1; turn <= 10; turn++) {
    save('10_hello.ts', hello(`Turn ${turn}`))
    await become('/hello', `Turn ${turn}`)
  }
  over = true
  await Promise.all(visits)
  expect(new Set(answers)).toEqual(new Set([200]))
  expect(answers.length).toBeGreaterThan(40)
})

vi.setConfig({ testTimeout: 60_000 })
