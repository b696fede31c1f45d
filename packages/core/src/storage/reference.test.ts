import { expect, test } from 'vitest'
import type { Fields } from '../field/field.ts'
import { t } from '../field/t.ts'
import type { Storage } from './storage.ts'
import { defineTable } from './table.ts'
import { temporaryStorage } from './testing/temporary.ts'

const authors = defineTable('authors', { name: t.text() })
const named = (fields: Fields) => defineTable('books', { title: t.text(), ...fields })
const books = defineTable('books', {
  title: t.text(),
  author: t.ref('authors', { optional: true }),
  others: t.refs('authors'),
})

async function library(): Promise<Storage> {
  const storage = temporaryStorage()
  // A plugin may refer to one that comes after it.
  await storage.follow(books)
  await storage.follow(authors)
  await storage.write('fill', (tx) => {
    for (const name of ['Ann', 'Ben', 'Cleo']) tx.table(authors).insert({ name })
    tx.table(books).insert({ title: 'A', author: 1, others: [2, 2, 1] })
    tx.table(books).insert({ title: 'B', author: 2 })
  })
  return storage
}

const held = { code: 'LOCALAPP_CONFLICT', message: expect.stringContaining('refers') }
const remove = (storage: Storage, id: number) =>
  storage.write('delete', (tx) => tx.table(authors).delete(id).id)

test('records are found by what they refer to', async () => {
  const storage = await library()
  const found = (field: 'author' | 'others', id: number) =>
    storage.reader(books).all({ where: [[field, 'has', id as never]] })
  expect(found('author', 2).map(({ title }) => title)).toEqual(['B'])
  expect(found('others', 2).map(({ title }) => title)).toEqual(['A'])
  expect(found('others', 3)).toEqual([])
})

test('what is referred to stays, and nothing refers to what is not there', async () => {
  const storage = await library()
  await expect(remove(storage, 1)).rejects.toMatchObject(held)
  for (const wrong of [{ author: 9 }, { others: [1, 9] }])
    await expect(storage.write('change', (tx) => tx.table(books).update(2, wrong))).rejects.toMatchObject(
      held,
    )
  await storage.write('change', (tx) => {
    tx.table(books).update(1, { others: [], author: 3 })
    tx.table(books).delete(2)
  })
  expect(await remove(storage, 1)).toBe(1)
  expect(await remove(storage, 2)).toBe(2)
  await expect(remove(storage, 3)).rejects.toMatchObject(held)
})

test('an undo keeps to it too', async () => {
  const storage = await library()
  const change = await storage.write('delete', (tx) => {
    tx.table(books).delete(1)
    return tx.changes[0]
  })
  await storage.write('undo', (tx) => change && tx.restore(change))
  await expect(remove(storage, 1)).rejects.toMatchObject(held)
  await storage.write('delete', (tx) => tx.table(books).delete(1))
  await remove(storage, 1)
  const again = await storage.write('add', (tx) => {
    const { id } = tx.table(authors).insert({ name: 'Dan' })
    return [id, tx.changes[0]] as const
  })
  await storage.write('change', (tx) => tx.table(books).update(2, { others: [again[0]] }))
  await expect(storage.write('undo', (tx) => again[1] && tx.restore(again[1]))).rejects.toMatchObject(held)
})

test('a field that is renamed or comes back holds what is there, and one that is gone holds nothing', async () => {
  const storage = await library()
  await storage.follow(
    named({ by: t.ref('authors', { optional: true, was: 'author' }), others: t.refs('authors') }),
  )
  await expect(remove(storage, 1)).rejects.toMatchObject(held)
  await storage.follow(named({}))
  expect(await remove(storage, 1)).toBe(1)
  await storage.follow(books)
  expect(storage.reader(books).all({ where: [['others', 'has', 2]] })).toHaveLength(1)
  expect(storage.reader(books).get(1).others).toEqual([2, 2, 1])
  await expect(remove(storage, 2)).rejects.toMatchObject(held)
  const moved = storage.follow(named({ others: t.refs('people') }))
  await expect(moved).rejects.toThrow('declared as list of authors')
})

test('a table may refer to itself, by a field called as SQL would', async () => {
  const storage = temporaryStorage()
  const parts = defineTable('parts', { parent: t.ref('parts', { optional: true }), value: t.refs('parts') })
  await storage.follow(parts)
  await storage.write('fill', (tx) => {
    tx.table(parts).insert({})
    tx.table(parts).insert({ parent: 1, value: [1, 2] })
  })
  const more = defineTable('parts', { ...parts.fields, key: t.ref('parts', { optional: true }) })
  await storage.follow(more)
  await storage.write('delete', (tx) => tx.table(parts).delete(2))
  await storage.write('delete', (tx) => tx.table(parts).delete(1))
  expect(storage.reader(parts).count()).toBe(0)
})
