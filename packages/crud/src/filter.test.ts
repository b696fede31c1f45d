import { type TestApp, testApp } from '@localapp/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CrudPlugin, t } from './index.ts'

class Book extends CrudPlugin({
  name: 'books',
  fields: {
    title: t.text(),
    read: t.bool({ filter: true }),
    due: t.date({ optional: true, filter: true }),
    at: t.datetime({ optional: true, filter: true }),
    pages: t.integer({ optional: true, filter: true }),
    weight: t.number({ optional: true, filter: true }),
    price: t.money({ currency: 'EUR', optional: true, filter: true }),
    status: t.pick(['new', 'open', 'a, b'], { default: 'new', filter: true }),
    shelf: t.pick(['up', 'down'], { optional: true, filter: true }),
    tags: t.tags({ filter: true }),
  },
  order: 'title',
}) {}

let app: TestApp

beforeAll(async () => {
  app = await testApp({ plugins: [Book] })
  const books = [
    { title: 'A', pages: 0, weight: 0.5, due: '2026-01-01', price: 999, status: 'open', tags: ['x', 'y'] },
    {
      title: 'B',
      pages: 50,
      weight: -1,
      due: '2026-01-31',
      price: 1250,
      read: true,
      shelf: 'up',
      tags: ['x'],
    },
    { title: 'C', pages: 900, due: '2026-02-01', at: '2026-02-01T10:00:00.000Z', status: 'a, b' },
    { title: 'D', shelf: 'down' },
  ]
  for (const book of books) {
    const made = await app.call('books.create', book)
    if (made.status !== 'done') throw new Error(JSON.stringify(made))
  }
})
afterAll(() => app.close())

async function asJson(input: object): Promise<string> {
  const outcome = await app.call('books.list', input)
  if (outcome.status !== 'done') return JSON.stringify(outcome)
  return (outcome.output as { rows: { title: string }[] }).rows.map(({ title }) => title).join('')
}

async function onPage(search: string): Promise<string> {
  const { body } = await app.inject({ url: `/books?${search}` })
  return Array.from(body.matchAll(/aria-label="Open (\w)"/g), ([, title]) => title).join('')
}

test.each([
  ['status', 'open', 'A'],
  ['status', 'open,new', 'ABD'],
  ['status', 'a, b', 'C'],
  ['shelf', 'up,down', 'BD'],
  ['shelf', '-', 'AC'],
  ['shelf', '*', 'BD'],
  ['due', '2026-01-01..2026-01-31', 'AB'],
  ['due', '2026-01-01,..,2026-01-31', 'AB'],
  ['due', '..2026-01-30', 'A'],
  ['due', '2026-01-31..', 'BC'],
  ['due', '2026-01-01,2026-02-01', 'AC'],
  ['due', '..', 'ABCD'],
  ['due', '-', 'D'],
  ['due', '*', 'ABC'],
  ['at', '2026-02-01T10:00Z..', 'C'],
  ['at', '2026-02-01T10:00:00.001Z..', ''],
  ['pages', '0', 'A'],
  ['pages', '0,900', 'AC'],
  ['pages', '1..', 'BC'],
  ['pages', '..50', 'AB'],
  ['weight', '-1..0.5', 'AB'],
  ['weight', '-1', 'B'],
  ['price', '9.99', 'A'],
  ['price', '10..12.50', 'B'],
  ['read', 'true', 'B'],
  ['read', 'true,false', 'ABCD'],
  ['tags', 'x', 'AB'],
  ['tags', 'x,y', 'A'],
  ['tags', '-', 'CD'],
  ['tags', '*', 'AB'],
])('%s=%s, in JSON and in an address', async (name, text, titles) => {
  expect(await asJson({ [name]: text })).toBe(titles)
  expect(await onPage(String(new URLSearchParams({ [name]: text })))).toBe(titles)
})

test.each([
  [{ status: ['open', 'a, b'] }, 'AC'],
  [{ pages: 50 }, 'B'],
  [{ pages: [0, 50] }, 'AB'],
  [{ price: 1250 }, 'B'],
  [{ read: true }, 'B'],
  [{ tags: ['x', 'y'] }, 'A'],
  [{ due: null }, 'D'],
  [{ shelf: [] }, ''],
  [{ due: '*', pages: '1..', tags: '-' }, 'C'],
])('values as JSON has them: %j', async (input, titles) => {
  expect(await asJson(input)).toBe(titles)
})

test.each([
  ['status', 'shut', 'one of new, open'],
  ['due', '2026-13-01..', 'must be a date'],
  ['due', 'x..', 'must be a date'],
  ['pages', '1,x', 'whole number'],
  ['price', '1.999', 'amount'],
  ['tags', 'a\0b', 'no text'],
])('%s=%s is refused in words', async (name, text, words) => {
  expect(await app.call('books.list', { [name]: text })).toMatchObject({
    status: 'invalid',
    messages: { [name]: expect.stringContaining(words) },
  })
  const answer = await app.inject({ url: `/books?${new URLSearchParams({ [name]: text })}` })
  expect(answer.statusCode).toBe(422)
})

test('a model is told what a filter can say', () => {
  const { due, status } = app.actions.get('books.list')?.input ?? {}
  expect(due?.schema()).toMatchObject({ type: 'string', description: expect.stringContaining('1..5') })
  expect(status?.schema().description).toContain('new open a, b')
})

test('what the controls send makes one address, and shows in them again', async () => {
  const sent =
    'q=&due=2026-01-01&due=..&due=2026-01-31&pages=&pages=..&pages=&shelf=up&shelf=down&read=&status=new'
  expect(await onPage(sent)).toBe('B')
  const { body } = await app.inject({ url: `/books?${sent}` })
  expect(body).toContain('id="filter-due-from" aria-label="Due from" type="date" value="2026-01-01"')
  expect(body).toContain('id="filter-due-to" aria-label="Due to" type="date" value="2026-01-31"')
  expect(body.match(/ checked data-autosubmit>(up|down|new)</g)).toHaveLength(3)
  expect(body).not.toMatch(/ checked data-autosubmit>(open|yes|no|any|none)</)
  expect(body).toContain('role="group" aria-label="Shelf"')
})
