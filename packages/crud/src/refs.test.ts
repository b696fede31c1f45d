import { createRequire } from 'node:module'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CrudPlugin, t } from './index.ts'

class Author extends CrudPlugin({ name: 'authors', fields: { name: t.text({ search: true }) } }) {}
class Genre extends CrudPlugin({ name: 'my-genres', fields: { word: t.text() } }) {}
class Book extends CrudPlugin({
  name: 'books',
  fields: {
    author: t.ref('authors', { optional: true, filter: true }),
    title: t.text(),
    editor: t.ref('authors', { optional: true }),
    genres: t.refs('my-genres', { filter: true }),
  },
}) {}

let app: TestApp

beforeEach(async () => {
  // What is referred to may come later.
  app = await testApp({ plugins: [Book, Author, Genre] })
  for (const name of ['Jane Austen', 'Mark Twain', 'A #1, B']) await output('authors.create', { name })
  for (const word of ['Novel', 'Satire', 'Travel']) await output('my-genres.create', { word })
})
afterEach(() => app.close())

async function output<T = { id: number; entry: number }>(id: string, input: object): Promise<T> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as T
}
const add = (title: string, rest: object = {}) => output('books.create', { title, ...rest })
const body = async (url: string): Promise<string> => (await app.inject({ url })).body
const post = (action: string, sent: string) =>
  app.inject({ method: 'POST', url: `/api/${action}`, payload: new URLSearchParams(sent) })
const titles = async (input: object): Promise<unknown[]> =>
  (await output<{ rows: { title: string }[] }>('books.list', input)).rows.map(({ title }) => title)

test('JSON takes and gives ids; a list shows names, which lead to the record', async () => {
  const { id } = await add('Emma', { author: 1, genres: [1, 2] })
  expect(await output('books.get', { id })).toMatchObject({ author: 1, editor: null, genres: [1, 2] })
  for (const url of ['/books', `/books/${id}`]) {
    expect(await body(url)).toContain('<datalist id="authors-choices"><option value="A #1, B #3">')
  }
  expect(await body('/books')).toContain('<a href="/authors/1">Jane Austen</a>')
  expect(await body('/books')).toContain(
    '<a href="/my-genres/1">Novel</a>, <a href="/my-genres/2">Satire</a>',
  )
  expect(await body(`/books/${id}`)).toContain('value="Jane Austen #1"')
  expect(await body(`/books/${id}?field=genres`)).toContain('name="genres.1" aria-label="Row 2" list')
})

test('a form takes what it names, or the id alone', async () => {
  const { id } = await add('Emma')
  const sent = `id=${id}&_fields=author,genres&author=A+%231,+B+%233&genres.0=Satire+%232&genres.1=&genres.2=3`
  expect((await post('books/update', sent)).statusCode).toBe(303)
  expect(await output('books.get', { id })).toMatchObject({ author: 3, genres: [2, 3] })
  await post('books/update', `id=${id}&_fields=author,genres&author=+2+&genres=`)
  expect(await output('books.get', { id })).toMatchObject({ author: 2, genres: [] })
  const refused = await post('books/update', `id=${id}&_fields=author&author=Nobody`)
  expect([refused.statusCode, refused.body]).toEqual([
    422,
    expect.stringContaining('must be one of the list'),
  ])
  expect(refused.body).toContain('value="Nobody"')
})

test('what is typed is searched for, where the other plugin has a search', async () => {
  const typed = async (url: string): Promise<string[]> => {
    const headers = { 'hx-request-type': 'partial' }
    const { body } = await app.inject({ url, headers })
    return Array.from(body.matchAll(/<option value="([^"]*)">/g), ([, value = '']) => value)
  }
  expect(await typed('/authors/choices?author=aus')).toEqual(['Jane Austen #1'])
  expect(await typed('/authors/choices?editor=Mark+Tw')).toEqual(['Mark Twain #2'])
  expect(await typed('/authors/choices')).toHaveLength(3)
  expect(await typed('/my-genres/choices?genres.0=x')).toEqual(['Travel #3', 'Satire #2', 'Novel #1'])
})

test('records are found by what they refer to', async () => {
  await add('Emma', { author: 1, genres: [1, 2] })
  await add('Roughing It', { author: 2, genres: [3] })
  expect(await titles({ author: 1 })).toEqual(['Emma'])
  expect(await titles({ genres: [2, 1] })).toEqual(['Emma'])
  expect(await titles({ genres: [1, 3] })).toEqual([])
  const found = await body('/books?author=Mark+Twain+%232')
  expect([found.includes('Roughing It'), found.includes('Emma')]).toEqual([true, false])
  expect(await body('/books?genres=1')).toContain('Emma')
})

test('what is referred to cannot be deleted, by nobody; an undo of that neither', async () => {
  const { id } = await add('Emma', { author: 1 })
  const refused = await app.call('authors.delete', { id: 1 })
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'LOCALAPP_CONFLICT' } })
  expect(await app.call('books.update', { id, author: 9 })).toMatchObject({ status: 'failed' })
  const deleted = await app.call('books.delete', { id })
  const gone = await app.call('authors.delete', { id: 1 })
  const undo = (outcome: unknown) => app.call('journal.undo', { entry: (outcome as { entry: number }).entry })
  expect(await undo(deleted)).toMatchObject({ status: 'failed' })
  expect(await undo(gone)).toMatchObject({ status: 'done' })
  expect(await undo(deleted)).toMatchObject({ status: 'done' })
  expect(await body('/books')).toContain('>Jane Austen</a>')
})

/** Counts what SQLite is asked while something is done. */
async function queries(work: () => Promise<unknown>): Promise<number> {
  const Sqlite = createRequire(import.meta.resolve('@localapp/core'))('better-sqlite3')
  const statement = Object.getPrototypeOf(new Sqlite(':memory:').prepare('select 1'))
  const [all, get] = [vi.spyOn(statement, 'all'), vi.spyOn(statement, 'get')]
  await work()
  const count = all.mock.calls.length + get.mock.calls.length
  vi.restoreAllMocks()
  return count
}

test('a page of 50 rows and a list of 200 take as many queries as of 10', async () => {
  const counts: number[] = []
  for (const limit of [10, 200]) {
    while ((await titles({ limit })).length < limit)
      await add('A', { author: 1 + (limit % 3), editor: 2, genres: [1, 3] })
    counts.push(await queries(() => body('/books')), await queries(() => titles({ limit })))
  }
  // The rows, their number, three times what is referred to, and two lists to choose from; the rest is the app's own.
  expect(counts[0]).toBeGreaterThanOrEqual(7)
  expect(counts.slice(2)).toEqual(counts.slice(0, 2))
  expect((await body('/books')).match(/>Mark Twain<\/a>/g)?.length).toBe(50)
})
