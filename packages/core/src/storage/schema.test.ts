import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { t } from '../field/t.ts'
import { Storage } from './storage.ts'
import { defineTable } from './table.ts'
import { temporaryStorage } from './testing/temporary.ts'

type Fields = Parameters<typeof defineTable>[1]

/** A workspace whose table `todo` was made from `fields` and got `rows`. */
async function open(fields: Fields, rows: Record<string, unknown>[] = []): Promise<Storage> {
  const storage = temporaryStorage()
  const table = defineTable('todo', fields)
  await storage.follow(table)
  await storage.write('fill', (tx) => {
    for (const row of rows) tx.table(table).insert(row)
  })
  return storage
}

const follow = (storage: Storage, fields: Fields): Promise<void> =>
  storage.follow(defineTable('todo', fields))

async function rowsOf(storage: Storage): Promise<unknown[]> {
  return await storage.db.selectFrom('todo').selectAll().execute()
}

async function schemaOf(storage: Storage): Promise<unknown[]> {
  return (await sql`select name, sql from sqlite_master where name not like 'sqlite_%'`.execute(storage.db))
    .rows
}

function backupsOf(storage: Storage): string[] {
  const folder = join(dirname(storage.file), 'backups')
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Asks, and leaves everything as it was. */
async function expectQuestion(storage: Storage, fields: Fields, ...words: string[]): Promise<void> {
  const before = [await schemaOf(storage), await rowsOf(storage)]
  const error = await follow(storage, fields).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'LOCALAPP_SCHEMA_QUESTION' })
  for (const word of words) expect(`${error.message} ${error.fix}`).toContain(word)
  expect([await schemaOf(storage), await rowsOf(storage)]).toEqual(before)
  expect(backupsOf(storage)).toEqual([])
}

test('a table is made strict, with an index where a field wants one, and made once', async () => {
  const fields = {
    title: t.text(),
    due: t.date({ optional: true, index: true }),
    score: t.number({ optional: true }),
  }
  const storage = await open(fields)
  const schema = await schemaOf(storage)
  const index = await sql`explain query plan select * from todo where due = '2026-11-23'`.execute(storage.db)
  expect(JSON.stringify(index.rows)).toContain('USING INDEX todo:due')
  const wrong = sql`insert into todo(version, createdAt, updatedAt, score) values (1, '', '', 'high')`
  await expect(storage.write('wrong', (tx) => wrong.execute(tx.db))).rejects.toThrow('REAL')
  await follow(storage, fields)
  expect(await schemaOf(storage)).toEqual(schema)
  expect(backupsOf(storage)).toEqual([])
})

test('a second look at a table changes nothing in the file', async () => {
  const fields = { title: t.text({ index: true }), done: t.bool() }
  const storage = await open(fields, [{ title: 'Milk' }])
  const version = async (): Promise<unknown> => (await sql`pragma data_version`.execute(storage.db)).rows
  const before = await version()
  await follow(storage, fields)
  expect(await version()).toEqual(before)
})

test('optional and defaulted fields become columns, with the default in the rows that are there', async () => {
  const storage = await open({ title: t.text() }, [{ title: 'Milk' }])
  await follow(storage, {
    title: t.text(),
    due: t.date({ optional: true }),
    priority: t.pick(['low', 'it’s "so"'], { default: 'it’s "so"' }),
    tags: t.tags(),
  })
  expect(await rowsOf(storage)).toMatchObject([
    { title: 'Milk', due: null, priority: 'it’s "so"', tags: '[]', version: 1 },
  ])
  expect(backupsOf(storage)).toHaveLength(1)
})

test('the backup of before a change holds the data and the columns of before', async () => {
  const storage = await open({ title: t.text() }, [{ title: 'Milk' }])
  await follow(storage, { title: t.text(), done: t.bool() })
  const [name = ''] = backupsOf(storage)
  const backup = new Storage(join(dirname(storage.file), 'backups', name))
  const rows = await rowsOf(backup)
  backup.close()
  expect(rows).toMatchObject([{ title: 'Milk' }])
  expect(rows[0]).not.toHaveProperty('done')
})

test('a required field asks what the rows should have, and is added where there are none', async () => {
  const storage = await open({ title: t.text() }, [{ title: 'a' }, { title: 'b' }])
  const fields = { title: t.text(), due: t.date() }
  await expectQuestion(
    storage,
    fields,
    'What should the 2 rows of todo have in “due”?',
    'Give the field a default',
  )
  await storage.write('empty', (tx) => tx.db.deleteFrom('todo').execute())
  await follow(storage, fields)
  expect(backupsOf(storage)).toEqual([])
})

test('a field taken away keeps its column, inserts go on, and it comes back intact', async () => {
  const both = { title: t.text(), notes: t.text({ default: 'none', index: true }) }
  const storage = await open(both, [{ title: 'Milk', notes: 'two litres' }])
  await follow(storage, { title: t.text() })
  const table = defineTable('todo', { title: t.text() })
  const bread = await storage.write('add', (tx) => tx.table(table).insert({ title: 'Bread' }))
  expect(bread).not.toHaveProperty('notes')
  expect(storage.reader(table).get(1)).not.toHaveProperty('notes')
  const changed = await storage.write('change', (tx) => [tx.table(table).delete(1), ...tx.changes])
  expect(changed[1]).toMatchObject({ before: { notes: 'two litres' } })
  await storage.write('undo', (tx) => tx.restore(changed[1] as never))
  await follow(storage, both)
  const notes = storage
    .reader(defineTable('todo', both))
    .all()
    .map((row) => row.notes)
  expect(notes).toEqual(['two litres', 'none'])
})

test('a required field that comes back asks for the rows that were written without it', async () => {
  const both = { title: t.text(), due: t.date() }
  const storage = await open(both, [{ title: 'a', due: '2026-01-01' }])
  await follow(storage, { title: t.text() })
  await storage.write('add', (tx) =>
    tx.table(defineTable('todo', { title: t.text() })).insert({ title: 'b' }),
  )
  await expect(follow(storage, both)).rejects.toThrow('What should the row of todo have in “due”?')
})

test('an optional field becomes defaulted with its gaps filled, and required only without gaps', async () => {
  const storage = await open({ due: t.date({ optional: true }) }, [{ due: null }, { due: '2026-01-01' }])
  await expectQuestion(storage, { due: t.date() }, 'the row of todo')
  await follow(storage, { due: t.date({ default: '2026-02-02' }) })
  expect(await rowsOf(storage)).toMatchObject([{ due: '2026-02-02' }, { due: '2026-01-01' }])
  await follow(storage, { due: t.date() })
})

test('a declared rename keeps the values and the index, also where `was` stays', async () => {
  const storage = await open({ title: t.text({ index: true }), done: t.bool() }, [{ title: 'Milk' }])
  const fields = { name: t.text({ was: 'title', index: true }), done: t.bool() }
  await follow(storage, fields)
  await follow(storage, fields)
  expect(storage.reader(defineTable('todo', fields)).all()).toMatchObject([{ name: 'Milk', done: false }])
  expect(JSON.stringify(await schemaOf(storage))).not.toContain('title')
  expect(backupsOf(storage)).toHaveLength(1)
})

test('a field can be renamed and change its requirement at once', async () => {
  const storage = await open({ due: t.date({ optional: true }) }, [{ due: '2026-01-01' }, {}])
  await expectQuestion(storage, { until: t.date({ was: 'due' }) }, 'the row of todo', '“until”')
  await follow(storage, { until: t.date({ was: 'due', default: '2026-02-02' }) })
  expect(await rowsOf(storage)).toMatchObject([{ until: '2026-01-01' }, { until: '2026-02-02' }])
})

test('a declared rename beside a new field of the same column type is no question', async () => {
  const storage = await open({ title: t.text() }, [{ title: 'Milk' }])
  await follow(storage, { name: t.text({ was: 'title' }), place: t.text({ default: 'home' }) })
  expect(await rowsOf(storage)).toMatchObject([{ name: 'Milk', place: 'home' }])
})

test('a table that was dropped is made again', async () => {
  const storage = await open({ title: t.text() })
  await storage.write('drop', (tx) => sql`drop table todo`.execute(tx.db))
  await follow(storage, { title: t.text() })
  await storage.write('add', (tx) =>
    tx.table(defineTable('todo', { title: t.text() })).insert({ title: 'Milk' }),
  )
  expect(await rowsOf(storage)).toMatchObject([{ title: 'Milk' }])
})

test('one field gone and one of the same column type new: a question, answered by `was` or in two steps', async () => {
  const storage = await open({ title: t.text(), done: t.bool() }, [{ title: 'Milk' }])
  await expectQuestion(
    storage,
    { name: t.text({ optional: true }), done: t.bool() },
    '“title”',
    '“name”',
    "was: 'title'",
  )
  await follow(storage, { done: t.bool() })
  await follow(storage, { name: t.text({ optional: true }), done: t.bool() })
  expect(await rowsOf(storage)).toMatchObject([{ title: 'Milk', name: null }])
})

test('one field gone and one of another column type new is no question', async () => {
  const storage = await open({ title: t.text(), done: t.bool() }, [{ title: 'Milk' }])
  await follow(storage, { done: t.bool(), score: t.number({ optional: true }) })
  expect(await rowsOf(storage)).toMatchObject([{ title: 'Milk', score: null }])
})

test('a rename into a field that is there as well asks which values should stay', async () => {
  const storage = await open({ title: t.text(), name: t.text() }, [{ title: 'Milk', name: 'Oat milk' }])
  await expectQuestion(storage, { name: t.text({ was: 'title' }) }, '“title”', '“name”', 'Which values')
})

test('free text changes its kind, and its values stay', async () => {
  const storage = await open({ notes: t.text() }, [{ notes: 'two litres' }])
  await follow(storage, { notes: t.longText() })
  await follow(storage, { notes: t.markdown() })
  expect(await rowsOf(storage)).toMatchObject([{ notes: 'two litres' }])
})

test('text may hold what a date held, but that is for the user to say', async () => {
  const storage = await open({ due: t.date() }, [{ due: '2026-01-01' }])
  await expectQuestion(storage, { due: t.text() }, '“due”', 'date', 'text')
})

test('another kind asks where there are rows, and remakes the column where there are none', async () => {
  const storage = await open({ title: t.text(), due: t.text({ index: true }) }, [
    { title: 'Milk', due: 'soon' },
  ])
  const fields = { title: t.text(), due: t.integer({ index: true }) }
  await expectQuestion(storage, fields, '“due”', 'text', 'integer')
  await storage.write('empty', (tx) => tx.db.deleteFrom('todo').execute())
  await follow(storage, fields)
  const row = await storage.write('add', (tx) =>
    tx.table(defineTable('todo', fields)).insert({ title: 'Milk', due: 7 }),
  )
  expect(row).toMatchObject({ id: 2, due: 7 })
})

test('an index comes and goes with its option', async () => {
  const storage = await open({ title: t.text() }, [{ title: 'Milk' }])
  await follow(storage, { title: t.text({ index: true }) })
  expect(JSON.stringify(await schemaOf(storage))).toContain('todo:title')
  await follow(storage, { title: t.text() })
  expect(JSON.stringify(await schemaOf(storage))).not.toContain('todo:title')
})

test('a table that something else made is not taken over', async () => {
  const storage = temporaryStorage()
  await storage.write('make', (tx) => sql`create table todo(title text)`.execute(tx.db))
  await expectQuestion(storage, { title: t.text() }, 'table todo')
})

test('names that are words of SQL are quoted', async () => {
  const storage = temporaryStorage()
  const table = defineTable('order', {
    select: t.text({ index: true }),
    group: t.integer({ optional: true }),
  })
  await storage.follow(table)
  const row = await storage.write('add', (tx) => tx.table(table).insert({ select: "it's" }))
  expect(storage.reader(table).all({ where: [['select', '=', "it's"]] })).toEqual([row])
})
