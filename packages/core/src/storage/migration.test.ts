import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { expect, test } from 'vitest'
import type { Storage } from './storage.ts'
import { temporaryStorage } from './testing/temporary.ts'

const run = (...statements: string[]): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

const makeNotes = run('create table note(body text)', "insert into note values ('first')")

async function names(storage: Storage): Promise<unknown[]> {
  const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(
    storage.db,
  )
  return tables.rows.map(({ name }) => name).filter((name) => !/^(_|sqlite_)/.test(name))
}

function backupsOf(storage: Storage): string[] {
  const folder = join(dirname(storage.file), 'backups')
  return existsSync(folder) ? readdirSync(folder) : []
}

test('each migration of each plugin runs once', async () => {
  const storage = temporaryStorage()
  await storage.migrate('a-b', { '1_notes': makeNotes })
  await storage.migrate('a-b', { '1_notes': makeNotes, '2_more': run("insert into note values ('second')") })
  await storage.migrate('other', { '1_notes': run('create table other(x)') })
  expect(await storage.db.selectFrom('note').selectAll().execute()).toEqual([
    { body: 'first' },
    { body: 'second' },
  ])
  expect(await names(storage)).toEqual(['note', 'other'])
})

test('a migration that fails takes back itself and those before it, and says its name', async () => {
  const storage = temporaryStorage()
  await storage.migrate('ok', { one: run('create table fine(x)') })
  const failing = { one: makeNotes, two: run('create table two(x)', 'insert into nowhere values (1)') }
  await expect(storage.migrate('notes', failing)).rejects.toMatchObject({
    code: 'LOCALAPP_PLUGIN',
    message: expect.stringMatching(/plugin notes .*“two”.*nowhere/),
  })
  expect(await names(storage)).toEqual(['fine'])
  await storage.migrate('notes', { one: makeNotes })
  expect(await storage.db.selectFrom('note').selectAll().execute()).toEqual([{ body: 'first' }])
})

test('a migration that is gone is reported when another is pending', async () => {
  const storage = temporaryStorage()
  await storage.migrate('notes', { one: makeNotes })
  await expect(storage.migrate('notes', { two: run('create table two(x)') })).rejects.toMatchObject({
    code: 'LOCALAPP_PLUGIN',
    message: expect.stringContaining('one'),
  })
})

test('a backup is made when something is pending and there is something to lose', async () => {
  const storage = temporaryStorage()
  const migrations = { one: makeNotes }
  await storage.migrate('notes', migrations)
  await storage.migrate('notes', migrations)
  expect(backupsOf(storage)).toEqual([])
  await storage.migrate('notes', { ...migrations, two: run('delete from note') })
  expect(backupsOf(storage)).toEqual([expect.stringMatching(/^home-.*-migrate-notes\.db$/)])
})
