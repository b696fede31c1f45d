import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Fields } from '../field/field.ts'
import { t } from '../field/t.ts'
import type { Storage } from './storage.ts'
import { defineTable } from './table.ts'
import { temporaryStorage } from './testing/temporary.ts'

const books = defineTable('books', {
  title: t.text({ search: true }),
  notes: t.markdown({ search: true }),
  shelf: t.text({ default: '' }),
})

function find(storage: Storage, search: string, fields: Fields = books.fields): number[] {
  const found = storage.reader(defineTable('books', fields)).all({ search })
  return found.map(({ id }) => id)
}

async function shelve(...titles: string[]): Promise<Storage> {
  const storage = temporaryStorage()
  await storage.follow(books)
  await storage.write('fill', (tx) => {
    for (const title of titles) tx.table(books).insert({ title })
  })
  return storage
}

test('all words are found, from their beginning, whatever their case and accents', async () => {
  const storage = await shelve('Ein Café in Paris', 'The Parisian Wife', 'Cafeteria')
  expect(find(storage, 'caf')).toEqual([1, 3])
  expect(find(storage, 'PARIS café')).toEqual([1])
  expect(find(storage, 'paris')).toEqual([1, 2])
  expect(find(storage, 'aris')).toEqual([])
})

test.each(['', '"', '*', "'", 'a"b', 'title:x', 'x AND', 'NEAR(', '-x', '^', '\\', '\0', '𝒳', '😀', '('])(
  'what is typed is text and never a query: %j',
  async (text) => {
    const storage = await shelve('Plain')
    expect(find(storage, text)).toEqual([])
  },
)

test('writes, and taking them back, keep the index true', async () => {
  const storage = await shelve('Dune')
  const change = async (work: Parameters<typeof storage.write<void>>[1]): Promise<void> => {
    await storage.write('change', async (tx) => {
      await work(tx)
      for (const each of [...tx.changes].reverse()) tx.restore(each)
    })
    expect(find(storage, 'dune')).toEqual([1])
    expect(find(storage, 'emma')).toEqual([])
  }
  await change((tx) => void tx.table(books).update(1, { title: 'Emma' }))
  await change((tx) => void tx.table(books).delete(1))
  await change((tx) => void tx.table(books).insert({ title: 'Emma' }))
  await storage.write('by SQL', (tx) => sql`update books set notes = 'Emma' where id = 1`.execute(tx.db))
  expect(find(storage, 'emma dune')).toEqual([1])
  await sql`select * from "books:search"`.execute(storage.db)
  await storage.write('check', (tx) =>
    sql`insert into "books:search"("books:search", rank) values ('integrity-check', 1)`.execute(tx.db),
  )
})

test('the index follows the fields: more of them, renamed ones, fewer', async () => {
  const storage = await shelve('Dune')
  let fields: Fields = books.fields
  const follow = (wanted: Fields): Promise<void> => {
    fields = wanted
    return storage.follow(defineTable('books', wanted))
  }
  const { notes } = books.fields
  const shelf = t.text({ default: '', search: true })
  await storage.write('shelf', (tx) => void tx.table(books).update(1, { shelf: 'Sand' }))
  expect(find(storage, 'sand', fields)).toEqual([])
  await follow({ ...books.fields, shelf })
  expect(find(storage, 'sand', fields)).toEqual([1])
  await follow({ name: t.text({ search: true, was: 'title' }), notes, shelf })
  expect(find(storage, 'dune sand', fields)).toEqual([1])
  await follow({ name: t.text({ search: true }), notes })
  expect(find(storage, 'sand', fields)).toEqual([])
  await follow({ name: t.text(), notes: t.markdown() })
  const left = sql`select name from sqlite_master where name like 'books:%'`
  expect((await left.execute(storage.db)).rows).toEqual([])
})
