import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from './storage.ts'
import { defineTable, type RowChange } from './table.ts'
import { temporaryStorage } from './testing/temporary.ts'

const todos = defineTable('todo', { title: t.text(), done: t.bool(), score: t.number({ optional: true }) })

async function open(): Promise<Storage> {
  const storage = temporaryStorage()
  await storage.follow(todos)
  await storage.write('fill', (tx) => tx.table(todos).insert({ title: 'Milk', score: 1.5 }))
  return storage
}

/** The row images of a write, having been through JSON as in the journal. */
function changesOf(storage: Storage, work: (tx: Transaction) => unknown): Promise<RowChange[]> {
  return storage.write('change', (tx) => {
    work(tx)
    return JSON.parse(JSON.stringify(tx.changes))
  })
}

const undo = (storage: Storage, changes: RowChange[]): Promise<RowChange[]> =>
  changesOf(storage, (tx) => {
    for (const change of changes.toReversed()) tx.restore(change)
  })

const all = (storage: Storage): unknown[] =>
  storage
    .reader(todos)
    .all()
    .map(({ id, title, done, score }) => [id, title, done, score])

test('an insert, an update and a delete are taken back, and taking back is taken back as well', async () => {
  const storage = await open()
  const before = all(storage)
  const done = await changesOf(storage, (tx) => {
    const table = tx.table(todos)
    table.update(1, { title: 'Oat milk', done: true })
    table.insert({ title: 'Bread' })
    table.delete(1)
  })
  expect(done.map(({ key, before, after }) => [key, before?.title, after?.title])).toEqual([
    [1, 'Milk', 'Oat milk'],
    [2, undefined, 'Bread'],
    [1, 'Oat milk', undefined],
  ])
  const after = all(storage)
  const undone = await undo(storage, done)
  expect(all(storage)).toEqual(before)
  await undo(storage, undone)
  expect(all(storage)).toEqual(after)
})

test('a deleted row comes back with its id and its time, and its version goes on rising', async () => {
  const storage = await open()
  const old = storage.reader(todos).get(1)
  const ticked = await changesOf(storage, (tx) => tx.table(todos).update(1, { done: true }))
  await undo(storage, ticked)
  expect(storage.reader(todos).get(1).version).toBe(3)
  const deleted = await changesOf(storage, (tx) => tx.table(todos).delete(1))
  await storage.write('other', (tx) => tx.table(todos).insert({ title: 'Other' }))
  await undo(storage, deleted)
  expect(storage.reader(todos).get(1)).toMatchObject({ version: 4, title: 'Milk', createdAt: old.createdAt })
  const next = await storage.write('next', (tx) => tx.table(todos).insert({ title: 'Next' }))
  expect(next.id).toBe(3)
})

test('a row that has changed since is left alone, whatever the change was', async () => {
  const storage = await open()
  const changed = { code: 'LOCALAPP_CHANGED_SINCE', message: expect.stringContaining('Record 1 of todo') }
  const ticked = await changesOf(storage, (tx) => tx.table(todos).update(1, { done: true }))
  const renamed = await changesOf(storage, (tx) => tx.table(todos).update(1, { title: 'Oat milk' }))
  await expect(undo(storage, ticked)).rejects.toMatchObject(changed)
  const deleted = await changesOf(storage, (tx) => tx.table(todos).delete(1))
  await expect(undo(storage, renamed)).rejects.toMatchObject(changed)
  await undo(storage, deleted)
  await expect(undo(storage, deleted)).rejects.toMatchObject(changed)
  expect(all(storage)).toEqual([[1, 'Oat milk', true, 1.5]])
})

test('several changes are taken back all or none', async () => {
  const storage = await open()
  const added = await changesOf(storage, (tx) => {
    tx.table(todos).insert({ title: 'a' })
    tx.table(todos).insert({ title: 'b' })
  })
  await storage.write('touch', (tx) => tx.table(todos).update(2, { done: true }))
  await expect(undo(storage, added)).rejects.toMatchObject({ code: 'LOCALAPP_CHANGED_SINCE' })
  expect(storage.reader(todos).count()).toBe(3)
})

test('a row changed there and back, with a higher version only, is as it was', async () => {
  const storage = await open()
  const ticked = await changesOf(storage, (tx) => tx.table(todos).update(1, { done: true }))
  await storage.write('off', (tx) => tx.table(todos).update(1, { done: false }))
  await storage.write('on', (tx) => tx.table(todos).update(1, { done: true }))
  await undo(storage, ticked)
  expect(all(storage)).toEqual([[1, 'Milk', false, 1.5]])
})

test('a column that came since does not stand in the way', async () => {
  const storage = await open()
  const deleted = await changesOf(storage, (tx) => tx.table(todos).delete(1))
  const added = await changesOf(storage, (tx) => tx.table(todos).insert({ title: 'Bread' }))
  await storage.write('alter', ({ db }) =>
    sql`alter table todo add column place text default 'home'`.execute(db),
  )
  await undo(storage, added)
  await undo(storage, deleted)
  expect(await storage.db.selectFrom('todo').selectAll().execute()).toMatchObject([
    { id: 1, title: 'Milk', place: 'home' },
  ])
})

test.each(['alter table todo rename column title to name', 'drop table todo'])(
  'a change whose values have no place any more is refused (%s)',
  async (text) => {
    const storage = await open()
    const deleted = await changesOf(storage, (tx) => tx.table(todos).delete(1))
    await storage.write('alter', ({ db }) => sql.raw(text).execute(db))
    await expect(undo(storage, deleted)).rejects.toMatchObject({ code: 'LOCALAPP_CHANGED_SINCE' })
  },
)

test('raw writes are told from raw reads', async () => {
  const storage = await open()
  const raw = (text: string): Promise<boolean> =>
    storage.write('raw', async (tx) => {
      await sql.raw(text).execute(tx.db)
      return tx.wroteRaw
    })
  expect(await raw('select * from todo')).toBe(false)
  expect(await raw('update todo set done = 1')).toBe(true)
  expect(await raw('insert into todo(version, createdAt, updatedAt) values (1, 1, 1) returning id')).toBe(
    true,
  )
  expect(await storage.write('none', (tx) => tx.table(todos).insert({ title: 'a' }) && tx.wroteRaw)).toBe(
    false,
  )
})
