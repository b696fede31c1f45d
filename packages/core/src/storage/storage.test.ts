import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from './storage.ts'
import { defineTable } from './table.ts'
import { ended, line, runModule, temporaryFolder, temporaryStorage } from './testing/temporary.ts'

const todos = defineTable('todo', { title: t.text(), done: t.bool() })

async function open(file?: string): Promise<Storage> {
  const storage = temporaryStorage(file)
  await storage.follow(todos)
  return storage
}

const titles = (storage: Storage): string[] =>
  storage
    .reader(todos)
    .all()
    .map(({ title }) => title)

test('what is written is there for the reader and after opening it again', async () => {
  const storage = await open()
  const added = await storage.write('add', (tx) => tx.table(todos).insert({ title: 'Buy milk' }))
  expect(storage.reader(todos).get(added.id)).toEqual(added)
  storage.close()
  expect(titles(await open(storage.file))).toEqual(['Buy milk'])
})

test('a throw rolls everything back, whether it comes at once or later', async () => {
  const storage = await open()
  const add = (tx: Transaction): unknown => tx.table(todos).insert({ title: 'Never' })
  const now = storage.write('now', (tx) => {
    add(tx)
    throw new Error('at once')
  })
  await expect(now).rejects.toThrow('at once')
  const later = storage.write('later', async (tx) => {
    add(tx)
    await sleep(1)
    throw new Error('later')
  })
  await expect(later).rejects.toThrow('later')
  expect(titles(storage)).toEqual([])
  await storage.write('works', add)
  expect(titles(storage)).toEqual(['Never'])
})

test('writes take their turn in the order in which they asked, and readers see whole ones only', async () => {
  const storage = await open()
  const order: number[] = []
  const writes = Array.from({ length: 20 }, (_, turn) =>
    storage.write(`write ${turn}`, async (tx) => {
      order.push(turn)
      tx.table(todos).insert({ title: `${turn} a` })
      if (turn % 2 === 0) await sleep(1)
      expect(storage.reader(todos).count()).toBe(2 * turn)
      tx.table(todos).insert({ title: `${turn} b` })
    }),
  )
  await Promise.all(writes)
  expect(order).toEqual(Array.from({ length: 20 }, (_, turn) => turn))
  expect(storage.reader(todos).count()).toBe(40)
})

test('a write that waits too long is rolled back by name, its handles are dead, and the next goes on', async () => {
  const storage = await open()
  const late: unknown[] = []
  let finish = (): void => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const slow = storage.write(
    'slow one',
    async (tx) => {
      const table = tx.table(todos)
      table.insert({ title: 'Slow' })
      await sleep(120)
      const keep = (error: unknown): unknown => late.push(error)
      try {
        table.insert({ title: 'Late' })
      } catch (error) {
        keep(error)
      }
      await tx.db.insertInto('todo').values({ title: 'Late' }).execute().catch(keep)
      finish()
    },
    40,
  )
  const next = storage.write('next', async (tx) => {
    tx.table(todos).insert({ title: 'Next' })
    await finished
  })
  await expect(slow).rejects.toMatchObject({
    code: 'LOCALAPP_TIMEOUT',
    message: '“slow one” took longer than 40 ms to write and was rolled back.',
  })
  await next
  expect(late).toHaveLength(2)
  for (const error of late) expect(error).toMatchObject({ code: 'LOCALAPP_TRANSACTION' })
  expect(titles(storage)).toEqual(['Next'])
})

test('a write that blocks too long is rolled back when it returns', async () => {
  const storage = await open()
  const busy = storage.write(
    'busy',
    (tx) => {
      tx.table(todos).insert({ title: 'Busy' })
      const end = performance.now() + 30
      while (performance.now() < end);
    },
    20,
  )
  await expect(busy).rejects.toMatchObject({ code: 'LOCALAPP_TIMEOUT' })
  expect(titles(storage)).toEqual([])
})

test('handles die with a transaction that went well, too', async () => {
  const storage = await open()
  const tx = await storage.write('leak', (transaction) => ({ transaction }))
  expect(() => tx.transaction.table(todos).all()).toThrow('has ended')
  const raw = tx.transaction.db.selectFrom('todo').selectAll().execute()
  await expect(raw).rejects.toMatchObject({ code: 'LOCALAPP_TRANSACTION' })
})

test('`db` is refused inside a write and works again after it, also for what the write began', async () => {
  const storage = await open()
  const read = (): Promise<unknown> => storage.db.selectFrom('todo').selectAll().execute()
  let after: Promise<unknown> = Promise.resolve()
  await storage.write('outer', async (tx) => {
    await expect(read()).rejects.toMatchObject({
      code: 'LOCALAPP_TRANSACTION',
      fix: expect.stringContaining('tx'),
    })
    expect(await tx.db.selectFrom('todo').selectAll().execute()).toEqual([])
    after = sleep(20).then(read)
  })
  expect(await after).toEqual([])
})

test('a write inside a write is refused instead of waiting for ever', async () => {
  const storage = await open()
  await storage.write('outer', async () => {
    const inner = storage.write('inner', () => 1)
    await expect(inner).rejects.toMatchObject({
      code: 'LOCALAPP_TRANSACTION',
      message: expect.stringContaining('“outer”'),
    })
  })
  expect(await storage.write('then', () => 2)).toBe(2)
})

test.each([
  'insert into todo(version, createdAt, updatedAt, title, done) values (1, 1, 1, 1, 1)',
  'delete from todo returning id',
  'drop table todo',
  'begin',
  'begin immediate',
])('`db` refuses “%s”', async (text) => {
  const storage = await open()
  await expect(sql.raw(text).execute(storage.db)).rejects.toMatchObject({ code: 'LOCALAPP_TRANSACTION' })
})

test('nobody ends a transaction by hand', async () => {
  const storage = await open()
  const work = storage.write('by hand', async (tx) => {
    tx.table(todos).insert({ title: 'Half' })
    await sql.raw(' COMMIT').execute(tx.db)
  })
  await expect(work).rejects.toMatchObject({ code: 'LOCALAPP_TRANSACTION' })
  const nested = storage.write('nested', (tx) => tx.db.transaction().execute(async () => 1))
  await expect(nested).rejects.toMatchObject({ code: 'LOCALAPP_TRANSACTION' })
  expect(titles(storage)).toEqual([])
})

test('a broken foreign key rolls back at the end, and the next write works', async () => {
  const storage = await open()
  await storage.write('tables', async (tx) => {
    await sql`create table child(todo integer references todo(id) deferrable initially deferred)`.execute(
      tx.db,
    )
  })
  const orphan = storage.write('orphan', (tx) => tx.db.insertInto('child').values({ todo: 99 }).execute())
  await expect(orphan).rejects.toMatchObject({ code: 'LOCALAPP_CONFLICT' })
  expect(await storage.write('next', () => 'fine')).toBe('fine')
  expect(await storage.db.selectFrom('child').selectAll().execute()).toEqual([])
})

test('another program that holds the file is named as the reason', async () => {
  const storage = await open()
  const other = runModule(`
    const other = new Storage(${JSON.stringify(storage.file)})
    await other.write('hold', async () => { say('held'); await new Promise(() => setInterval(() => 0, 1000)) }, 60000)`)
  await line(other, 'held')
  await expect(storage.write('add', () => 1)).rejects.toMatchObject({ code: 'LOCALAPP_DATA_BUSY' })
  other.kill('SIGKILL')
  await ended(other)
  expect(await storage.write('add', () => 1)).toBe(1)
})

test('a transaction cut short by kill -9 leaves nothing half', async () => {
  const file = `${temporaryFolder()}/home.db`
  const child = runModule(`
    const todos = defineTable('todo', { title: t.text(), done: t.bool() })
    const storage = new Storage(${JSON.stringify(file)})
    await storage.follow(todos)
    await storage.write('whole', (tx) => tx.table(todos).insert({ title: 'Whole' }))
    await storage.write('half', async (tx) => {
      for (let i = 0; i < 5000; i++) tx.table(todos).insert({ title: 'Half '.repeat(50) })
      say('half')
      await new Promise(() => setInterval(() => 0, 1000))
    }, 60000)`)
  await line(child, 'half')
  child.kill('SIGKILL')
  await ended(child)
  const storage = await open(file)
  expect(titles(storage)).toEqual(['Whole'])
  expect((await sql<{ integrity_check: string }>`pragma integrity_check`.execute(storage.db)).rows).toEqual([
    { integrity_check: 'ok' },
  ])
})

test.each([
  ['full', 'pragma max_page_count = 1', 'LOCALAPP_DATA_FULL'],
  ['read-only', 'pragma query_only = on', 'LOCALAPP_DATA_READ_ONLY'],
])(
  'a disk that becomes %s in the middle of a write is named, and nothing half is kept',
  async (_what, pragma, code) => {
    const storage = await open()
    const work = storage.write('fill', async (tx) => {
      tx.table(todos).insert({ title: 'Half' })
      await sql.raw(pragma).execute(tx.db)
      for (let i = 0; i < 100; i++) tx.table(todos).insert({ title: 'x'.repeat(1000) })
    })
    await expect(work).rejects.toMatchObject({
      code,
      message: expect.stringContaining(storage.file),
      fix: expect.stringMatching(/\S{3}/),
    })
    expect(titles(storage)).toEqual([])
  },
)
