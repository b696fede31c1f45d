import { readdirSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { t } from '../field/t.ts'
import { defineTable } from './table.ts'
import { temporaryStorage } from './testing/temporary.ts'

const todos = defineTable('todo', { title: t.text(), notes: t.longText() })

test('a copy made while writing goes on is whole, and the writing is not held up', async () => {
  const storage = temporaryStorage()
  await storage.follow(todos)
  const addPair = (size: number): Promise<unknown> =>
    storage.write('pair', (tx) => {
      const pair = { title: 'pair', notes: 'x'.repeat(size) }
      tx.table(todos).insert(pair)
      tx.table(todos).insert(pair)
    })
  for (let i = 0; i < 500; i++) await addPair(10_000)
  let copied = false
  const backup = storage.backUp('before: the change').finally(() => {
    copied = true
  })
  let meanwhile = 0
  while (!copied) {
    await addPair(10)
    await new Promise(setImmediate)
    meanwhile++
  }
  expect(meanwhile).toBeGreaterThan(5)
  const copy = await backup
  const database = new Sqlite(copy, { readonly: true })
  onTestFinished(() => void database.close())
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  const count = database.prepare('select count(*) from todo').pluck().get() as number
  expect(count % 2).toBe(0)
  expect(count).toBeGreaterThanOrEqual(1000)
  expect(count).toBeLessThanOrEqual(storage.reader(todos).count())
})

test('a copy is named after the workspace, the time and the reason, and is for its user alone', async () => {
  const storage = temporaryStorage()
  const copy = await storage.backUp('a/b: c')
  expect(basename(copy)).toMatch(/^home-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-a-b-c\.db$/)
  expect(basename(dirname(copy))).toBe('backups')
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(copy)).mode & 0o777).toBe(0o700)
})

test('a copy of a file that cannot be read leaves nothing behind', async () => {
  const storage = temporaryStorage()
  const database = new Sqlite(storage.file)
  database.unsafeMode()
  database.pragma('writable_schema = on')
  database.exec("insert into sqlite_master values ('table', 'bad', 'bad', 2, 'nonsense')")
  database.close()
  await expect(storage.backUp('broken')).rejects.toThrow()
  expect(readdirSync(`${dirname(storage.file)}/backups`)).toEqual([])
})
