import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Storage } from './storage.ts'
import { temporaryStorage } from './testing/temporary.ts'

async function open(): Promise<Storage> {
  const storage = temporaryStorage()
  await storage.write('make', async ({ db }) => {
    await sql`create table note(id integer primary key, body text)`.execute(db)
    await db
      .insertInto('note')
      .values([{ body: 'a' }, { body: 'b' }])
      .execute()
  })
  return storage
}

test('a statement that is kept sees columns that come later', async () => {
  const storage = await open()
  const notes = storage.db.selectFrom('note').selectAll().compile()
  expect((await storage.db.executeQuery(notes)).rows[0]).toEqual({ id: 1, body: 'a' })
  await storage.write('alter', ({ db }) =>
    sql`alter table note add column done integer default 0`.execute(db),
  )
  expect((await storage.db.executeQuery(notes)).rows[0]).toEqual({ id: 1, body: 'a', done: 0 })
})

test('what a write did is told as Kysely tells it', async () => {
  const storage = await open()
  await storage.write('write', async ({ db }) => {
    const { insertId } = await db.insertInto('note').values({ body: 'c' }).executeTakeFirstOrThrow()
    expect(insertId).toBe(3n)
    const [updated] = await db.updateTable('note').set({ body: 'x' }).execute()
    expect(updated?.numUpdatedRows).toBe(3n)
    const returned = await db.deleteFrom('note').where('id', '<', 3).returning('id').execute()
    expect(returned).toEqual([{ id: 1 }, { id: 2 }])
  })
})

test('rows can be streamed while others are written and read', async () => {
  const storage = await open()
  await storage.write('copy', async ({ db }) => {
    for await (const { body } of db.selectFrom('note').select('body').stream()) {
      await db
        .insertInto('note')
        .values({ body: `copy of ${body}` })
        .execute()
    }
  })
  const seen: unknown[] = []
  for await (const { body } of storage.db.selectFrom('note').select('body').orderBy('id').stream()) {
    seen.push(body)
    await storage.db.selectFrom('note').select('body').orderBy('id').execute()
  }
  expect(seen).toEqual(['a', 'b', 'copy of a', 'copy of b'])
})

test('more texts than are kept do no harm', async () => {
  const storage = await open()
  for (let i = 0; i < 2500; i++) {
    expect((await sql.raw<{ i: number }>(`select ${i} as i`).execute(storage.db)).rows).toEqual([{ i }])
  }
})
