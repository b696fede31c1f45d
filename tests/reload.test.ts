import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FolderApp, folderApp } from './folder-app.ts'

vi.setConfig({ testTimeout: 60_000 })

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

let running: FolderApp

const textOf = async (path: string): Promise<string> => {
  const { text } = await running.ask(path)
  return text.replace(/.*<main[^>]*>|<\/main>.*/gs, '').replaceAll(/<[^>]*>/g, '')
}
const statusOf = async (path: string): Promise<number> => (await running.ask(path)).status
const call = async (action: string, input?: object): Promise<number> =>
  (await running.call(action, input)).status
const become = (path: string, text: string): Promise<unknown> =>
  expect.poll(() => textOf(path), { timeout: 5_000 }).toContain(text)

beforeEach(async () => {
  running = await folderApp(app, {
    '_word.ts': `export const word = 'one'`,
    'lib/deep.ts': `export const deep = 'shallow'`,
    '10_hello.ts': hello('Hello'),
  })
})
afterEach(() => running.close())

test('a plugin serves as it was saved last, and so does what it imports', async () => {
  expect(await textOf('/hello')).toBe('Helloone shallow 0')
  running.save('_word.ts', `export const word = 'two'`)
  await become('/hello', 'two shallow')
  running.save('lib/deep.ts', `export const deep = 'deep'`)
  await become('/hello', 'two deep')
  running.save('10_hello.ts', hello('Hullo'))
  await become('/hello', 'Hullo')
  expect(await textOf('/elsewhere/Hullo')).toBe('Hullo elsewhere')
  expect(await statusOf('/elsewhere/Hello')).toBe(404)
  expect(await call('hello.wave')).toBe(200)
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
    running.save('10_hello.ts', text)
    await become('/-/plugins', reason)
    expect(await textOf('/hello')).toBe('Helloone shallow 0')
    expect(running.said()).toContain(reason)
    expect(running.said()).not.toMatch(/^ {4}at /m)
  }
  running.save('10_hello.ts', hello('Mended'))
  await become('/hello', 'Mended')
  expect(await textOf('/-/plugins')).not.toContain('could not')
})

test('a version that does not end is replaced all the same', async () => {
  running.save(
    '10_hello.ts',
    hello('Stuck').replace('setup(', 'close() { return new Promise<void>(() => {}) }\n  setup('),
  )
  await become('/hello', 'Stuck')
  running.save('10_hello.ts', hello('Free'))
  await become('/hello', 'Free')
  running.save('20_notes.ts', notes('title: t.text()'))
  await become('/notes', 'Nothing is here yet.')
})

test('a file comes and goes as a plugin, its table follows, and its data stays', async () => {
  running.save('20_notes.ts', notes('title: t.text()'))
  await become('/notes', 'Nothing is here yet.')
  expect(await call('notes.create', { title: 'Kept' })).toBe(200)
  running.save('20_notes.ts', notes('title: t.text(), done: t.bool()'))
  await become('/notes', 'Done')
  running.remove('20_notes.ts')
  await expect.poll(() => statusOf('/notes')).toBe(404)
  expect(await call('notes.create', { title: 'Late' })).toBe(404)
  running.save('05_notes.ts', notes('title: t.text(), done: t.bool()'))
  await become('/notes', 'Kept')
  expect(await textOf('/')).toMatch(/Notes.*Hello/s)
})

test('an app whose files the system will not watch starts and serves all the same', async () => {
  const refusing = [
    `import fs from 'node:fs'`,
    `import { syncBuiltinESMExports } from 'node:module'`,
    `fs.watch = () => { throw new Error('ENOSPC: no watchers are left') }`,
    'syncBuiltinESMExports()',
  ].join(';')
  const unwatched = await folderApp(
    app,
    { '10_notes.ts': notes('title: t.text()') },
    `--import=data:text/javascript,${encodeURIComponent(refusing)}`,
  )
  try {
    expect((await unwatched.ask('/notes')).status).toBe(200)
    expect(unwatched.said()).toContain('ENOSPC')
  } finally {
    await unwatched.close()
  }
})

test('no request is lost while a plugin is saved again and again', async () => {
  const answers: number[] = []
  let over = false
  const visits = Array.from({ length: 4 }, async () => {
    while (!over) {
      answers.push(await statusOf('/hello'), await call('hello.wave'))
    }
  })
  for (let turn = 1; turn <= 10; turn++) {
    running.save('10_hello.ts', hello(`Turn ${turn}`))
    await become('/hello', `Turn ${turn}`)
  }
  over = true
  await Promise.all(visits)
  expect(new Set(answers)).toEqual(new Set([200]))
  expect(answers.length).toBeGreaterThan(40)
})
