import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Plugin, type PluginContext, p } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterAll, beforeAll, beforeEach, expect, expectTypeOf, test } from 'vitest'
import { CrudPlugin, t } from './index.ts'

class Todo extends CrudPlugin({
  name: 'todo',
  fields: {
    title: t.text({ max: 200, search: true }),
    notes: t.markdown({ search: true }),
    done: t.bool({ filter: true }),
    due: t.date({ optional: true, index: true }),
    priority: t.pick(['low', 'normal', 'high'], { default: 'normal', filter: true }),
    tags: t.tags({ filter: true }),
  },
  order: 'manual',
  check: (todo) => {
    expectTypeOf(todo.priority).toEqualTypeOf<'low' | 'normal' | 'high'>()
    expectTypeOf(todo.due).toEqualTypeOf<string | null>()
    return todo.done && todo.priority === 'high' && !todo.notes ? { notes: 'Say how it ended.' } : undefined
  },
}) {}

class Book extends CrudPlugin({
  name: 'my-books',
  fields: {
    name: t.text(),
    year: t.integer({ optional: true, index: true }),
    home: t.url({ optional: true }),
  },
  order: 'year',
}) {}

class Note extends CrudPlugin({ name: 'note', fields: { text: t.longText({ search: true }) } }) {}

class Guest extends Plugin {
  name = 'guest'
  setup({ slot }: PluginContext): void {
    slot('list', ({ url }) => p(`list of ${url.pathname}`))
    slot('record', ({ url }) => p(`record at ${url.pathname}`))
  }
}

interface Listing {
  readonly rows: { id: number; [field: string]: unknown }[]
  readonly more: string | null
}

let app: TestApp

beforeAll(async () => {
  app = await testApp({ plugins: [Todo, Book, Note, Guest] })
})
afterAll(() => app.close())
beforeEach(async () => {
  for (const plugin of ['todo', 'my-books', 'note']) {
    let rows: Listing['rows']
    do {
      rows = (await list(plugin, { limit: 200 })).rows
      for (const { id } of rows) await output(`${plugin}.delete`, { id })
    } while (rows.length > 0)
  }
})

async function output<T = { id: number; version: number }>(id: string, input: object): Promise<T> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as T
}

const list = (plugin: string, input: object = {}): Promise<Listing> => output(`${plugin}.list`, input)
const titles = async (input: object = {}): Promise<unknown[]> =>
  (await list('todo', input)).rows.map(({ title }) => title)
const add = (title: string, rest: object = {}) => output('todo.create', { title, ...rest })
const post = (action: string, payload: string | object | URLSearchParams, headers = {}) =>
  app.inject({ method: 'POST', url: `/api/${action}`, payload, headers })

test('records and checks are typed by the fields', () => {
  const check = (todo: { title: string }): undefined => void todo
  // @ts-expect-error There is no field “due”.
  CrudPlugin({ name: 'a', fields: { title: t.text() }, order: 'due', check })
  // @ts-expect-error A title is text.
  CrudPlugin({ name: 'b', fields: { title: t.text() }, check: (todo) => (todo.title === 1 ? {} : undefined) })
  const { title, done } = Todo.table.fields
  expect([title.kind, done.kind, new Todo().table === Todo.table]).toEqual(['text', 'bool', true])
})

test('names that lists use themselves are refused', () => {
  expect(() => CrudPlugin({ name: 'a', fields: { rank: t.text() }, order: 'manual' })).toThrow('“rank”')
  expect(() => CrudPlugin({ name: 'a', fields: { q: t.bool({ filter: true }) } })).toThrow('“q”')
})

test('a record is added, read, changed and deleted, and each can be undone', async () => {
  const made = await app.call('todo.create', { title: 'Buy milk' })
  expect(made).toMatchObject({ status: 'done', summary: 'Added “Buy milk”' })
  const [{ id }] = (await list('todo')).rows as [{ id: number }]
  const stored = {
    id,
    version: 1,
    title: 'Buy milk',
    notes: '',
    done: false,
    due: null,
    priority: 'normal',
    tags: [],
  }
  expect((await list('todo')).rows).toEqual([stored])
  expect(await output('todo.get', { id })).toMatchObject(stored)
  expect(await output('todo.get', { id })).not.toHaveProperty('rank')
  expect(await app.call('todo.update', { id, done: true })).toMatchObject({ summary: 'Changed “Buy milk”' })
  const deleted = await app.call('todo.delete', { id })
  expect(deleted).toMatchObject({ summary: 'Deleted “Buy milk”' })
  expect((await list('todo')).rows).toEqual([])
  await output('journal.undo', { entry: (deleted as { entry: number }).entry })
  expect((await list('todo')).rows).toMatchObject([{ id, title: 'Buy milk', done: true }])
})

test('check sees the record as it would be', async () => {
  expect(await app.call('todo.create', { title: 'A', done: true, priority: 'high' })).toEqual({
    status: 'invalid',
    messages: { notes: 'Say how it ended.' },
  })
  const { id } = await add('A', { priority: 'high' })
  expect(await app.call('todo.update', { id, done: true })).toMatchObject({ status: 'invalid' })
  expect(await app.call('todo.update', { id, done: true, notes: 'Well' })).toMatchObject({ status: 'done' })
})

test('an update needs the version that it names, and something to change', async () => {
  const { id } = await add('A')
  await output('todo.update', { id, version: 1, title: 'B' })
  expect(await app.call('todo.update', { id, version: 1, title: 'C' })).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_CONFLICT' },
  })
  expect(await app.call('todo.update', { id })).toMatchObject({ status: 'invalid' })
  expect(await titles()).toEqual(['B'])
})

test('a model that deletes gets a card that names the record', async () => {
  const { id } = await add('Buy milk')
  const outcome = await app.call('todo.delete', { id }, { actor: { kind: 'model' } })
  expect(outcome).toMatchObject({ status: 'approval', title: expect.stringContaining('Buy milk') })
  expect(await titles()).toEqual(['Buy milk'])
})

test('a manual order: new ones on top, moved between two, for ever', async () => {
  const [c, b, a] = [await add('c'), await add('b'), await add('a')]
  expect(await titles()).toEqual(['a', 'b', 'c'])
  await output('todo.move', { id: a.id, after: c.id })
  expect(await titles()).toEqual(['b', 'c', 'a'])
  await output('todo.move', { id: a.id, before: c.id })
  expect(await titles()).toEqual(['b', 'a', 'c'])
  const moved = await app.call('todo.move', { id: c.id, before: b.id })
  expect(await titles()).toEqual(['c', 'b', 'a'])
  await output('journal.undo', { entry: (moved as { entry: number }).entry })
  expect(await titles()).toEqual(['b', 'a', 'c'])
  for (let i = 0; i < 400; i++) await output('todo.move', { id: i % 2 ? a.id : c.id, after: b.id })
  expect(await titles()).toEqual(['b', 'a', 'c'])
  expect(await app.call('todo.move', { id: a.id })).toMatchObject({ status: 'invalid' })
  expect(await app.call('todo.move', { id: a.id, after: 999_999 })).toMatchObject({ status: 'failed' })
})

test('records that an undo has brought to one place can be told apart again', async () => {
  const b = await add('b')
  const a = await add('a')
  const deleted = await app.call('todo.delete', { id: a.id })
  const c = await add('c')
  await output('journal.undo', { entry: (deleted as { entry: number }).entry })
  const ranks = await app.db.selectFrom('todo').select('rank').execute()
  expect(new Set(ranks.map(({ rank }) => rank)).size).toBe(2)
  expect(await titles()).toEqual(['a', 'c', 'b'])
  await output('todo.move', { id: b.id, after: a.id })
  expect(await titles()).toEqual(['a', 'b', 'c'])
  await output('todo.move', { id: c.id, before: a.id })
  expect(await titles()).toEqual(['c', 'a', 'b'])
})

test('search takes text as it stands, and filters narrow', async () => {
  await add('100% wool', { tags: ['shop', 'soon'], priority: 'low' })
  await add('100 sheep', { notes: 'of_wool', done: true, tags: ['farm'] })
  expect(await titles({ q: '100%' })).toEqual(['100 sheep', '100% wool'])
  expect(await titles({ q: 'woo of' })).toEqual(['100 sheep'])
  expect(await titles({ q: 'ool' })).toEqual([])
  expect(await titles({ q: 'WOOL' })).toEqual(['100 sheep', '100% wool'])
  expect(await titles({ q: 'wool', done: false })).toEqual(['100% wool'])
  expect(await titles({ priority: 'low' })).toEqual(['100% wool'])
  expect(await titles({ tags: ['soon', 'shop'] })).toEqual(['100% wool'])
  expect(await titles({ q: '\\' })).toEqual([])
  const [search] = app.plugins()[0]?.searches ?? []
  expect(await search?.('sheep')).toMatchObject([
    { title: '100 sheep', href: expect.stringMatching(/^\/todo\/\d+$/) },
  ])
})

test('pages follow each other in every order, with ties and nulls', async () => {
  for (const year of [1990, null, 1815, 1815, null, 2001])
    await output('my-books.create', { name: `${year}`, year })
  for (let i = 0; i < 5; i++) {
    await output('note.create', { text: `${i}` })
    await add(`${i}`)
  }
  const all = async (plugin: string, field: string, given: object = {}): Promise<unknown[]> => {
    const seen: unknown[] = []
    for (let after: string | null = null; ; ) {
      const page: Listing = await list(plugin, { limit: 2, ...given, ...(after === null ? {} : { after }) })
      seen.push(...page.rows.map((row) => row[field]))
      after = page.more
      if (after === null) return seen
    }
  }
  expect(await all('my-books', 'year')).toEqual([null, null, 1815, 1815, 1990, 2001])
  expect(await all('note', 'text')).toEqual(['4', '3', '2', '1', '0'])
  expect(await all('todo', 'title')).toEqual(['4', '3', '2', '1', '0'])
  expect(await all('my-books', 'year', { sort: '-year' })).toEqual([2001, 1990, 1815, 1815, null, null])
  await add('due', { due: '2026-01-01' })
  expect((await all('todo', 'title', { sort: '-due' }))[0]).toBe('due')
  expect((await all('todo', 'title', { sort: 'due' })).at(-1)).toBe('due')
  expect(await app.call('todo.list', { sort: 'title' })).toMatchObject({ status: 'invalid' })
  expect(await app.call('note.list', { after: 'x' })).toMatchObject({ status: 'invalid' })
})

test.each([
  ['an unknown field', { title: 'A', titel: 'B' }, 'titel'],
  ['a wrong type', { title: 5 }, 'title'],
  ['an over-long text', { title: 'x'.repeat(201) }, 'title'],
  ['a value that is not in the pick', { title: 'A', priority: 'urgent' }, 'priority'],
  ['a NUL', { title: 'A\0B' }, 'title'],
  ['a lone surrogate', '{"title":"A\\ud800"}', 'title'],
  ['no title', {}, 'title'],
  ['a name that comes twice', new URLSearchParams('title=A&title=B'), 'title'],
])('bad input, %s: a sentence, and nothing is written', async (_what, payload, field) => {
  const answer = await post(
    'todo/create',
    payload,
    payload instanceof URLSearchParams ? { 'hx-request': 'true' } : {},
  )
  expect(answer.statusCode).toBe(422)
  if (!(payload instanceof URLSearchParams)) {
    expect(answer.json()).toEqual({ messages: { [field]: expect.stringMatching(/\w.*[.?]$/) } })
  }
  expect(await titles()).toEqual([])
})

test('bad input: no such record, no such page, a cursor that is none', async () => {
  for (const action of ['update', 'delete', 'move', 'get']) {
    const answer = await post(`todo/${action}`, {
      id: 999_999,
      ...{ update: { title: 'A' }, move: { after: 999_998 } }[action],
    })
    expect([action, answer.statusCode]).toEqual([action, 404])
  }
  await add('A')
  for (const [url, status] of [
    ['/todo/999999', 404],
    ['/todo/x', 404],
    ['/todo/1?field=constructor', 404],
    ['/todo?after=x', 422],
    ['/todo?priority=urgent', 422],
    ['/todo?sort=title', 422],
    ['/todo?constructor=1&q=&done=', 200],
  ] as const) {
    expect([url, (await app.inject({ url })).statusCode]).toEqual([url, status])
  }
})

test('the list: form, search, filters, rows, and what a cell opens', async () => {
  expect((await app.inject({ url: '/todo' })).body).toContain('Nothing is here yet.')
  const { id } = await add('<b>Milk</b>', { tags: ['shop'] })
  const { body } = await app.inject({ url: '/todo' })
  expect(body).toContain(`<tr id="todo-${id}" data-id="${id}">`)
  expect(body).toContain('data-sortable="/api/todo/move"')
  expect(body).toContain(`hx-get="/todo/${id}?field=title">&lt;b&gt;Milk&lt;/b&gt;</summary>`)
  expect(body).toContain('1 record<')
  const form = await app.inject({
    url: `/todo/${id}?field=title`,
    headers: { 'hx-request-type': 'partial', 'hx-target': 'div' },
  })
  expect(form.body).toMatch(/^<form/)
  expect(form.body).toContain('name="version" value="1"')
  expect(form.body).not.toContain('name="notes"')
  const region = await app.inject({
    url: '/todo',
    headers: { 'hx-request-type': 'partial', 'hx-target': 'div#todo-list' },
  })
  expect(region.body).toMatch(/^<div id="todo-list" data-topics="todo">/)
  const none = await app.inject({ url: '/todo?q=bread&done=true' })
  expect(none.body).toContain('Nothing was found.')
  expect(none.body).toContain('name="done" value="true" checked data-autosubmit>yes</label>')
  await output('my-books.create', { name: 'Emma', home: 'https://example.org/' })
  expect((await app.inject({ url: '/my-books' })).body).toContain('href="https://example.org/"')
})

test('a box that is ticked or unticked, without script, is as it was sent', async () => {
  const { id } = await add('A')
  for (const [ticked, done] of [
    ['done=true', true],
    ['', false],
  ] as const) {
    const { body } = await app.inject({ url: '/todo' })
    const [, markup = ''] = new RegExp(`id="tick-${id}-done"(.*?)</form>`).exec(body) ?? []
    expect(markup).toContain('<input type="checkbox" name="done" value="true"')
    const sent = new URLSearchParams(ticked)
    for (const [, name = '', value = ''] of markup.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)) {
      sent.append(name, value)
    }
    const answer = await post('todo/update', sent, { accept: 'text/html', referer: `${app.url}/todo` })
    expect(answer.statusCode).toBe(303)
    expect((await list('todo')).rows).toMatchObject([{ done }])
  }
})

test('what has an index sorts by a click on its heading, and by the third is as it was', async () => {
  await add('Late', { due: '2026-12-01' })
  await add('Early', { due: '2026-01-01' })
  await add('Never')
  let url = '/todo?q=&priority=normal'
  const turns: unknown[] = []
  for (let clicks = 0; clicks < 4; clicks++) {
    const { body } = await app.inject({ url })
    const [, way, href = ''] = /<th(?: aria-sort="(\w+)")?><a href="([^"]+)">Due</.exec(body) ?? []
    const titles = [...body.matchAll(/aria-label="Open (\w+)"/g)].map(([, title]) => title)
    turns.push([way, body.includes('data-sortable'), body.includes('data-handle'), ...titles])
    url = href.replaceAll('&amp;', '&')
  }
  const own = [undefined, true, true, 'Never', 'Early', 'Late']
  expect(turns).toEqual([
    own,
    ['ascending', false, false, 'Never', 'Early', 'Late'],
    ['descending', false, false, 'Late', 'Early', 'Never'],
    own,
  ])
  expect(url).toBe('/todo?priority=normal&sort=due')
  const { body } = await app.inject({ url })
  expect(body).toContain('<input type="hidden" name="sort" value="due">')
  expect((await app.inject({ url: '/my-books' })).body).not.toContain('aria-sort')
})

test('other plugins have places beside the list and below a record', async () => {
  const { id } = await add('Milk')
  expect((await app.inject({ url: '/todo' })).body).toContain('<p>list of /todo</p><div id="todo-list"')
  expect((await app.inject({ url: `/todo/${id}` })).body).toContain(`<p>record at /todo/${id}</p>`)
  expect((await app.inject({ url: `/todo/${id}?field=title` })).body).not.toContain('record at')
})

test('51 records: the first page leads to the second', async () => {
  for (let i = 1; i <= 51; i++) await output('note.create', { text: `note ${i}` })
  const { body } = await app.inject({ url: '/note?q=note' })
  expect(body).toContain('51 records')
  expect(body).not.toContain('>note 1<')
  const [, more = ''] = /href="(\/note\?[^"]*)">More</.exec(body) ?? []
  const second = await app.inject({ url: more.replaceAll('&amp;', '&') })
  expect(second.body).toContain('>note 1<')
  expect(second.body).not.toContain('>note 2<')
})

test('the page of a record goes with it', async () => {
  const { id } = await add('Milk')
  const { body } = await app.inject({ url: `/todo/${id}` })
  expect(body).toContain('<h1>Milk</h1>')
  for (const name of ['title', 'notes', 'done', 'due', 'priority', 'tags'])
    expect(body).toContain(`name="${name}"`)
  await output('todo.delete', { id })
  expect((await app.inject({ url: `/todo/${id}` })).statusCode).toBe(404)
  const headers = { 'hx-request-type': 'partial', 'hx-target': 'div#todo-record' }
  expect((await app.inject({ url: `/todo/${id}`, headers })).body).toContain('This record was deleted.')
})

test('the count stops at 1,000', async () => {
  for (let i = 1; i <= 1_001; i++) await output('my-books.create', { name: `${i}` })
  expect((await app.inject({ url: '/my-books' })).body).toContain('>1,000+ records<')
})

test('records from before the order was manual can be moved', async () => {
  class Ranked extends CrudPlugin({ name: 'note', fields: { text: t.longText() }, order: 'manual' }) {}
  const data = mkdtempSync(join(tmpdir(), 'localapp-crud-'))
  const before = await testApp({ plugins: [Note], data })
  for (const text of ['a', 'b', 'c']) await before.call('note.create', { text })
  await before.close()
  const after = await testApp({ plugins: [Ranked], data })
  const ids = async (): Promise<number[]> => {
    const outcome = await after.call('note.list')
    return outcome.status === 'done' ? (outcome.output as Listing).rows.map(({ id }) => id) : []
  }
  expect(await ids()).toEqual([1, 2, 3])
  await after.call('note.move', { id: 3, after: 1 })
  expect(await ids()).toEqual([1, 3, 2])
  await after.call('note.create', { text: 'd' })
  expect(await ids()).toEqual([4, 1, 3, 2])
  await after.close()
  rmSync(data, { recursive: true })
})
