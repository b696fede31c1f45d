import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Storage } from './storage.ts'
import { line, runModule, temporaryFolder, temporaryStorage } from './testing/temporary.ts'

const refused = (file: string, code: string): void =>
  expect(() => new Storage(file)).toThrow(
    expect.objectContaining({
      code,
      message: expect.stringContaining(file),
      fix: expect.stringMatching(/\S{3}/),
    }),
  )

test('a new workspace is for its user alone', () => {
  const storage = temporaryStorage(join(temporaryFolder(), 'a', 'b', 'home.db'))
  expect(statSync(join(storage.file, '..')).mode & 0o777).toBe(0o700)
  for (const side of ['', '-wal', '-shm']) expect(statSync(storage.file + side).mode & 0o777).toBe(0o600)
})

test('it is written ahead, in full, and with foreign keys', async () => {
  const storage = temporaryStorage()
  const database = new Sqlite(storage.file)
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
  database.close()
  await storage.write('settings', async ({ db }) => {
    expect((await sql`pragma synchronous`.execute(db)).rows).toEqual([{ synchronous: 2 }])
    expect((await sql`pragma foreign_keys`.execute(db)).rows).toEqual([{ foreign_keys: 1 }])
  })
})

test('a file that is no database is left as it is', () => {
  const file = join(temporaryFolder(), 'home.db')
  const text = 'Dear diary, this is not a database. '.repeat(100)
  writeFileSync(file, text)
  refused(file, 'LOCALAPP_DATA_NOT_A_DATABASE')
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a database of another program is left as it is', () => {
  const file = join(temporaryFolder(), 'home.db')
  const database = new Sqlite(file)
  database.exec('create table theirs(x)')
  database.close()
  const before = readFileSync(file)
  refused(file, 'LOCALAPP_DATA_NOT_A_DATABASE')
  expect(readFileSync(file)).toEqual(before)
})

test('a file from a newer localapp is left as it is', () => {
  const storage = temporaryStorage()
  storage.close()
  const database = new Sqlite(storage.file)
  database.pragma('user_version = 3')
  database.close()
  const before = readFileSync(storage.file)
  refused(storage.file, 'LOCALAPP_DATA_NEWER')
  expect(readFileSync(storage.file)).toEqual(before)
})

test('a folder that cannot be made, and a folder where the file should be', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'data'), '')
  refused(join(folder, 'data', 'home.db'), 'LOCALAPP_DATA_READ_ONLY')
  mkdirSync(join(folder, 'home.db'))
  refused(join(folder, 'home.db'), 'LOCALAPP_DATA_READ_ONLY')
})

// Root may write everywhere, so these give up its rights first. Without root, the rights are missing anyway.
test.each(['empty', 'closed', 'crashed', 'file'])(
  'a workspace that cannot be written (%s)',
  async (state) => {
    const folder = temporaryFolder()
    const file = join(folder, 'home.db')
    if (state !== 'empty') {
      const storage = temporaryStorage(file)
      if (state !== 'crashed') storage.close()
    }
    const own = state === 'file'
    if (own && process.getuid?.() === 0) chownSync(folder, 65534, 65534)
    if (state !== 'empty') chmodSync(file, 0o444)
    chmodSync(folder, own ? 0o755 : 0o555)
    const child = runModule(`
    if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
    let outcome = 'opened'
    try { new Storage(${JSON.stringify(file)}) } catch (error) { outcome = error.code + ' ' + error.message }
    say('outcome: ' + outcome)`)
    const outcome = await line(child, 'outcome')
    expect(outcome).toContain('LOCALAPP_DATA_READ_ONLY')
    expect(outcome).toContain(file)
    chmodSync(folder, 0o755)
  },
)

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
