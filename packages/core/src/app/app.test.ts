import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { t } from '../field/t.ts'
import { h1, p } from '../html/elements.ts'
import { Plugin, type PluginContext } from '../plugin/plugin.ts'
import type { Route } from '../plugin/routes.ts'
import { Boundary } from '../server/boundary.ts'
import { type TestApp, testApp } from '../testing/index.ts'
import { fastApp } from './app.ts'

class Notes extends Plugin {
  name = 'notes'
  setup({ page, action, table }: PluginContext): void {
    const notes = table('', { title: t.text({ max: 20 }) })
    page('/', async ({ region }) => [h1('Notes'), await region('notes-list', ['notes', 'tags'], () => '<')])
    page('/broken', () => {
      throw new Error('secret detail')
    })
    action('create', {
      effect: 'write',
      input: notes.fields,
      summary: ({ title }) => `Added “${title}”`,
      run: (input, context) => context.table(notes).insert(input),
    })
    action('delete', {
      effect: 'destructive',
      input: { id: t.integer() },
      record: { table: notes, id: ({ id }) => id, label: (row) => `“${row.title}”` },
      run: ({ id }, context) => context.table(notes).delete(id),
    })
    action('list', { effect: 'read', run: (_input, context) => context.table(notes).all() })
  }
}

let app: TestApp
afterEach(async () => await app.close())

const titles = async (): Promise<unknown> => {
  const outcome = await app.call('notes.list')
  return outcome.status === 'done' && (outcome.output as { title: string }[]).map(({ title }) => title)
}

test('an action is journalled, undone, and the undo is undone', async () => {
  app = await testApp({ plugins: [Notes] })
  const made = await app.inject({ method: 'POST', url: '/api/notes/create', payload: { title: 'Milk' } })
  expect(made.statusCode).toBe(200)
  const { entry } = made.json() as { entry: number }
  expect(app.journal.get(entry)).toMatchObject({
    action: 'notes.create',
    summary: 'Added “Milk”',
    actor: 'user',
  })
  expect(await titles()).toEqual(['Milk'])
  const undone = await app.call('journal.undo', { entry })
  expect(undone).toMatchObject({ status: 'done', output: 'Undid: Added “Milk”' })
  expect(await titles()).toEqual([])
  expect(await app.call('journal.undo', { entry })).toMatchObject({ status: 'failed' })
  if (undone.status === 'done') await app.call('journal.undo', { entry: undone.entry })
  expect(await titles()).toEqual(['Milk'])
  expect(app.journal.get(entry).undone).toBe(false)
})

test('what a write is given may be taken apart', async () => {
  class Quiet extends Plugin {
    name = 'quiet'
    setup({ table, app, action }: PluginContext): void {
      const quiet = table('', { title: t.text() })
      const insert = (): Promise<unknown> =>
        app.write('insert', ({ table }) => table(quiet).insert({ title: 'Milk' }))
      action('create', { effect: 'external', run: async () => ((await insert()) as { title: string }).title })
    }
  }
  app = await testApp({ plugins: [Quiet] })
  expect(await app.call('quiet.create')).toMatchObject({ output: 'Milk' })
})

test('a turn is undone whole', async () => {
  app = await testApp({ plugins: [Notes] })
  for (const title of ['a', 'b', 'c']) await app.call('notes.create', { title }, { turn: 'one' })
  await app.call('notes.create', { title: 'other' })
  expect(await app.call('journal.undo-turn', { turn: 'one' })).toMatchObject({ output: 'Undid 3 changes' })
  expect(await titles()).toEqual(['other'])
})

test('a model that deletes gets a card that names the record, good once', async () => {
  app = await testApp({ plugins: [Notes] })
  await app.call('notes.create', { title: 'Milk' })
  const asked = await app.call('notes.delete', { id: 1 }, { actor: { kind: 'model', name: 'm' } })
  expect(asked).toMatchObject({ status: 'approval', approval: 2, title: 'Delete: “Milk”' })
  expect(await titles()).toEqual(['Milk'])
  const page = await app.inject({ url: '/notes' })
  expect(page.body).toContain('Delete: “Milk”')
  const settle = (): Promise<{ statusCode: number }> =>
    app.inject({
      method: 'POST',
      url: '/api/journal/approve',
      payload: new URLSearchParams({ approval: '2' }),
    })
  expect((await settle()).statusCode).toBe(303)
  expect(await titles()).toEqual([])
  expect((await settle()).statusCode).toBe(409)
})

test.each([
  ['an unknown field', { title: 'a', titel: 'b' }, 'titel'],
  ['a wrong type', { title: 5 }, 'title'],
  ['an over-long text', { title: 'x'.repeat(21) }, 'title'],
  ['a NUL byte', { title: 'a\0b' }, 'title'],
  ['a lone surrogate', { title: '\ud800' }, 'title'],
])('%s gets a sentence and nothing is written', async (_what, payload, field) => {
  app = await testApp({ plugins: [Notes] })
  const answer = await app.inject({ method: 'POST', url: '/api/notes/create', payload })
  expect(answer.statusCode).toBe(422)
  expect((answer.json() as { messages: Record<string, string> }).messages[field]).toMatch(/^[A-Z“].*[.?]$/)
  expect(await titles()).toEqual([])
})

test('malformed JSON and a body over the limit get 4xx with a sentence', async () => {
  app = await testApp({ plugins: [Notes] })
  const post = (payload: string): Promise<{ statusCode: number; body: string }> =>
    app.inject({ method: 'POST', url: '/api/notes/create', payload })
  expect(await post('{"title":')).toMatchObject({ statusCode: 400 })
  expect(await post(`{"title":"${'x'.repeat(11_000_000)}"}`)).toMatchObject({ statusCode: 413 })
})

test('a form that names a field twice is refused; a right one redirects without script', async () => {
  app = await testApp({ plugins: [Notes] })
  const post = (text: string): ReturnType<TestApp['inject']> =>
    app.inject({ method: 'POST', url: '/api/notes/create', payload: new URLSearchParams(text) })
  expect((await post('title=a&title=b&_return=/notes')).statusCode).toBe(422)
  const right = await post('title=a&_return=/notes')
  expect(right).toMatchObject({ statusCode: 303 })
  expect(right.headers.location).toBe('/notes')
  const away = await post('title=b&_return=//evil.example/')
  expect(away.headers.location).toBe('/')
})

test('what changes while a page is made is news to the page', async () => {
  let before = 0
  class Slow extends Plugin {
    name = 'slow'
    setup({ app, page }: PluginContext): void {
      page('/', async ({ region }) => {
        const old = await region('slow', ['slow'], () => 'old')
        before = app.streams.sequence
        app.announce(['slow'])
        return old
      })
    }
  }
  app = await testApp({ plugins: [Slow] })
  expect((await app.inject({ url: '/slow' })).body).toContain(`data-since="${before}"`)
})

test('the page that an action leads to says what was done, once', async () => {
  app = await testApp({ plugins: [Notes] })
  const page = async (): Promise<string> => (await app.inject({ url: '/notes' })).body
  const post = (headers = {}): ReturnType<TestApp['inject']> =>
    app.inject({ method: 'POST', url: '/api/notes/create', payload: new URLSearchParams('title=a'), headers })
  await post({ 'hx-request-type': 'partial' }) // stays where it is, and is told by an event
  expect(await page()).not.toContain('class="toast"')
  await post()
  expect(await page()).toContain('<div id="toast-2" class="toast"><span>Added “a”</span>')
  expect(await page()).not.toContain('class="toast"')
})

test('a record with a field called href leads nowhere', async () => {
  class Links extends Plugin {
    name = 'links'
    setup({ action }: PluginContext): void {
      action('create', { effect: 'write', input: { href: t.text() }, run: (input) => input })
    }
  }
  app = await testApp({ plugins: [Links] })
  const payload = new URLSearchParams('href=/elsewhere&_return=/links')
  const answer = await app.inject({ method: 'POST', url: '/api/links/create', payload })
  expect(answer.headers.location).toBe('/links')
})

test('an action leads to another page of the app, and to no other; plugins hear of each commit', async () => {
  const heard: string[][] = []
  class Pages extends Plugin {
    name = 'pages'
    setup({ action, app }: PluginContext): void {
      const input = { to: t.text() }
      action('create', { effect: 'write', input, run: ({ to }) => to, to: (output) => output })
      app.onChanged((topics) => heard.push([...topics]))
    }
  }
  app = await testApp({ plugins: [Pages] })
  const post = (to: string, headers = {}): ReturnType<TestApp['inject']> => {
    const payload = new URLSearchParams({ to })
    return app.inject({ method: 'POST', url: '/api/pages/create', payload, headers })
  }
  const partial = { 'hx-request-type': 'partial' }
  expect(await post('/pages/7', partial)).toMatchObject({
    statusCode: 204,
    headers: { 'hx-redirect': '/pages/7' },
  })
  expect(await post('/pages/7')).toMatchObject({ statusCode: 303, headers: { location: '/pages/7' } })
  expect((await post('//evil.example/', partial)).headers['hx-redirect']).toBe('/')
  expect(heard).toEqual([['pages'], ['pages'], ['pages']])
  await app.call('pages.create', {})
  expect(heard).toHaveLength(3)
})

test('a page, a region of it, and a page that throws', async () => {
  app = await testApp({ plugins: [Notes] })
  expect((await app.inject({ url: '/notes' })).body).toContain('<!doctype html>')
  const headers = { 'hx-request': 'true', 'hx-request-type': 'partial', 'hx-target': 'div#notes-list' }
  expect((await app.inject({ url: '/notes', headers })).body).toMatch(
    /^<div id="notes-list" data-topics="notes tags">&lt;<\/div>/,
  )
  const broken = await app.inject({ url: '/notes/broken' })
  expect(broken.statusCode).toBe(500)
  expect(broken.body).not.toContain('    at ')
  expect(broken.body).toContain('failed: secret detail.')
  expect((await app.inject({ url: '/notes' })).statusCode).toBe(200)
  expect((await app.inject({ url: '/nowhere' })).statusCode).toBe(404)
})

test('what a plugin puts into a place stands there, and takes no page with it when it throws', async () => {
  class Broken extends Plugin {
    name = 'broken'
    setup({ slot }: PluginContext): void {
      slot('panel', () => {
        throw new Error('no panel today')
      })
      slot('header', () => new Date() as never)
    }
  }
  class Clock extends Plugin {
    name = 'clock'
    override title = 'The clock'
    setup({ slot, page }: PluginContext): void {
      slot('header', ({ url }) => `It is noon at ${url.pathname}`)
      slot('shelf', () => 'a book')
      page('/', async ({ slot }) =>
        (await slot('shelf')).map(({ title, content }) => p(title, ': ', content)),
      )
    }
  }
  app = await testApp({ plugins: [Notes, Broken, Clock] })
  const page = await app.inject({ url: '/clock' })
  expect(page.statusCode).toBe(200)
  expect(page.body).toContain('A page of “broken” failed: no panel today.')
  expect(page.body).toContain('A value of type Date cannot be shown in a page.')
  expect(page.body).toContain('It is noon at /clock')
  expect(page.body).toContain('<p>The clock: a book</p>')
})

test('a plugin has pages anywhere in the app, with links to them; those of the app’s author win', async () => {
  class Pages extends Plugin {
    name = 'pages'
    setup({ app, menu, page, started }: PluginContext): void {
      const place: Route<'/-/place/:name'> = app.rt.get('/-/place/:name', ({ params: { name = '' } }) =>
        h1(place.to({ name })),
      )
      app.rt.get('/pages/:name', ({ params }) => `Page ${params.name}`)
      app.rt.get('/hello', () => 'Hello from the plugin')
      menu('A place', '/-/place/here')
      page('/', () => 'First')
      started(() => void expect(app.menu()).toHaveLength(2))
    }
  }
  app = await testApp()
  const own = await fastApp({ plugins: [Pages], data: join(app.data, 'own'), port: 0 })
  own.rt.get('/hello', () => 'Hello from the author')
  try {
    const { url } = await own.serve()
    const entered = await fetch(url, { redirect: 'manual' })
    const cookie = String(entered.headers.get('set-cookie')).split(';')[0] ?? ''
    const get = async (path: string): Promise<string> =>
      await (await fetch(new URL(path, url), { headers: { cookie } })).text()
    const place = await get('/-/place/there')
    expect(place).toContain('<h1>/-/place/there</h1>')
    expect(place).toContain('<title>/-/place/there · Home</title>')
    expect(place).toContain('<a href="/-/place/here">A place</a><a href="/pages">Pages</a>')
    expect(await get('/pages/one')).toContain('Page one')
    expect(await get('/hello')).toContain('Hello from the author')
  } finally {
    await own.close()
  }
})

test('without a page for “/” the app leads to the first of its menu, or says what to do', async () => {
  app = await testApp({ plugins: [Notes] })
  expect(await app.inject({ url: '/' })).toMatchObject({ statusCode: 302, headers: { location: '/notes' } })
  await app.close()
  app = await testApp({ plugins: ['./missing.ts'] })
  const page = await app.inject({ url: '/' })
  expect(page.statusCode).toBe(200)
  expect(page.body).toContain('There is nothing here yet.')
  expect(page.body).toContain('missing.ts')
})

test('the boundary lets only the app itself and its user in', async () => {
  app = await testApp({ plugins: [Notes] })
  const origin = `http://127.0.0.1:${app.port}`
  const code = async (asked: Parameters<TestApp['inject']>[0]): Promise<number> =>
    (await app.inject(asked)).statusCode
  const write = { method: 'POST', url: '/api/notes/create', payload: { title: 'x' } }
  expect(await code({ url: '/', headers: { host: `evil.example:${app.port}` } })).toBe(403)
  expect(await code({ url: '/', asPage: false })).toBe(401)
  expect(await code({ url: '/?token=wrong', asPage: false })).toBe(401)
  expect(await code({ ...write, headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403)
  expect(await code({ ...write, headers: { 'sec-fetch-site': 'same-site' } })).toBe(403)
  expect(await code({ ...write, headers: { origin: 'http://127.0.0.1:1' } })).toBe(403)
  expect(await code({ ...write, asPage: false, headers: { authorization: 'Bearer wrong' } })).toBe(401)
  expect(await code({ url: '/-/assets/..%2f..%2fpackage.json' })).toBe(404)
  expect(await titles()).toEqual([])
  const path = app.url.slice(origin.length)
  const first = await app.inject({ url: path, asPage: false })
  expect(first.statusCode).toBe(303)
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
  expect(await code({ url: path, asPage: false })).toBe(401)
  const page = await app.inject({ url: '/' })
  expect(page.headers['content-security-policy']).toContain("script-src 'self'")
})

test('a plugin that fails is named with its file, and the others run', async () => {
  const root = mkdtempSync(join(tmpdir(), 'localapp-plugins-'))
  writeFileSync(join(root, 'bad.mjs'), 'throw new Error("oh no")\n')
  app = await testApp({ plugins: [join(root, 'bad.mjs'), Notes] })
  expect(app.plugins()).toMatchObject([
    { state: 'failed', error: { message: expect.stringContaining('oh no') } },
    { name: 'notes', title: 'Notes', state: 'loaded', plugin: expect.any(Notes) },
  ])
})

test('pages of the app itself have typed links, and each call of serve gives one address more', async () => {
  app = await testApp()
  const own = await fastApp({ plugins: [], data: join(app.data, 'own'), port: 0 })
  const hello = own.rt.get('/hello/:name/:count', ({ params }) => `Hello, ${params.name}, ${params.count}`)
  expect(hello.to({ name: 'A/B', count: 2 })).toBe('/hello/A%2FB/2')
  // @ts-expect-error every parameter of the path is needed
  hello.to({ name: 'Ann' })
  expect(() => own.db).toThrow('not open yet')
  try {
    const { url } = await own.serve()
    const second = await own.serve()
    expect(second.url).not.toBe(url)
    for (const each of [url, second.url]) {
      const entered = await fetch(each, { redirect: 'manual' })
      const cookie = String(entered.headers.get('set-cookie')).split(';')[0] ?? ''
      const page = await fetch(new URL(hello.to({ name: 'Ann', count: 3 }), each), { headers: { cookie } })
      expect(await page.text()).toContain('Hello, Ann, 3')
    }
  } finally {
    await own.close()
  }
})

test('an option that there is not, and a workspace that cannot name a file, are refused', async () => {
  app = await testApp()
  // @ts-expect-error misspelt
  await expect(fastApp({ titel: 'Home' })).rejects.toThrow('no option “titel”')
  await expect(fastApp({ workspace: '../other' })).rejects.toThrow('cannot name a workspace')
})

test('data that another app serves is not opened twice', async () => {
  app = await testApp()
  const second = await fastApp({ plugins: [], data: app.data, port: 0 })
  const issued = vi.spyOn(Boundary.prototype, 'entrance')
  await expect(second.open()).rejects.toThrow(`The app on port ${app.port} uses this data.`)
  expect(issued).not.toHaveBeenCalled()
})
