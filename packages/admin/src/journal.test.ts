import { Plugin, type PluginContext, partials, t } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { admin } from './index.ts'

class Books extends Plugin {
  name = 'books'
  setup({ action, table }: PluginContext): void {
    const books = table('', { title: t.text(), read: t.bool(), tags: t.tags() })
    const id = t.integer()
    action('create', {
      effect: 'write',
      input: books.fields,
      summary: ({ title }) => `Added “${title}”`,
      run: (input, context) => context.table(books).insert(input),
    })
    action('update', {
      effect: 'write',
      input: { ...partials(books.fields), id },
      summary: () => 'Changed a book',
      run: ({ id, ...patch }, context) => context.table(books).update(id, patch),
    })
    action('delete', {
      effect: 'destructive',
      input: { id },
      record: { table: books, id: (input) => input.id, label: (row) => String(row.title) },
      run: (input, context) => context.table(books).delete(input.id),
    })
  }
}

let app: TestApp
beforeEach(async () => {
  app = await testApp({ plugins: [Books, admin()] })
  await app.call('books.create', { title: 'Emma & <b>', tags: ['old'] })
  await app.call('books.create', { title: 'Dune' })
  await app.call('books.update', { id: 1, title: 'Emma', read: true })
})
afterEach(async () => await app.close())

async function main(url: string): Promise<string> {
  const { body } = await app.inject({ url })
  return /<main.*<\/main>/s.exec(body)?.[0].replaceAll(/<(?!\/?td)[^>]*>/g, ' ') ?? ''
}

test('an entry says what was asked and shows each value before and after', async () => {
  expect((await app.inject({ url: '/-/journal' })).body).toContain(
    '<a href="/-/journal/3">Changed a book</a>',
  )
  const page = await main('/-/journal/3')
  expect(page).toMatch(/Who\s+You\s+Action\s+books\.update\s+Title\s+Emma/)
  expect(page).toContain('<td>Title</td><td>Emma &amp; &lt;b&gt;</td><td>Emma</td>')
  expect(page).toMatch(/<td>Read<\/td><td>\s*–\s*<\/td><td>\s*✓\s*<\/td>/)
  expect(page).not.toContain('<td>Tags</td>')
  expect(page).toContain('Undo')
})

test('what was made, and what was deleted, stands there whole', async () => {
  expect(await main('/-/journal/1')).toMatch(/<td>Tags<\/td><td>–<\/td><td>\s*old\s*<\/td>/)
  await app.call('books.delete', { id: 2 })
  expect(await main('/-/journal/4')).toContain('<td>Title</td><td>Dune</td><td>–</td>')
  await app.call('journal.undo', { entry: 4 })
  expect(await main('/-/journal/4')).toContain('Undone')
  expect(await main('/-/journal/5')).toContain('<td>Title</td><td>–</td><td>Dune</td>')
})

test('a record has its history, newest first, and no other’s', async () => {
  const page = await main('/-/journal/books/1')
  expect(page).toMatch(/History of Books 1.*Changed a book.*Added “Emma/s)
  expect(page).not.toContain('Dune')
  expect(await main('/-/journal/books/9')).toContain('The journal knows of no change of it.')
})

test('an entry that there is not is a sentence', async () => {
  for (const url of ['/-/journal/99', '/-/journal/x'])
    expect(await app.inject({ url })).toMatchObject({ statusCode: 404 })
})
