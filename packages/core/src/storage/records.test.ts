import { expect, test } from 'vitest'
import { t } from '../field/t.ts'
import type { Storage } from './storage.ts'
import { defineTable, type TableReader } from './table.ts'
import { temporaryStorage } from './testing/temporary.ts'

const todos = defineTable('todo', {
  title: t.text(),
  done: t.bool(),
  due: t.date({ optional: true, index: true }),
  priority: t.pick(['low', 'normal', 'high'], { default: 'normal' }),
  tags: t.tags(),
})

async function open(...names: string[]): Promise<Storage> {
  const storage = temporaryStorage()
  await storage.follow(todos)
  await storage.write('fill', (tx) => {
    for (const title of names) tx.table(todos).insert({ title })
  })
  return storage
}

test('values come back as they went in, and what was left out has its default', async () => {
  const storage = await open()
  const [full, bare] = await storage.write('add', (tx) => [
    tx
      .table(todos)
      .insert({ title: 'Ü "quoted"\n', done: true, due: '2026-11-23', priority: 'high', tags: ['a', 'b'] }),
    tx.table(todos).insert({ title: 'Bare' }),
  ])
  expect(storage.reader(todos).all()).toEqual([full, bare])
  expect(full).toMatchObject({ id: 1, version: 1, done: true, due: '2026-11-23', tags: ['a', 'b'] })
  expect(bare).toMatchObject({ done: false, due: null, priority: 'normal', tags: [] })
  expect(new Date(bare?.createdAt ?? '').toISOString()).toBe(bare?.createdAt)
})

test('an update changes what it names, raises the version and keeps the rest', async () => {
  const storage = await open('Milk')
  const updated = await storage.write('tick', (tx) => tx.table(todos).update(1, { done: true }))
  expect(updated).toMatchObject({ version: 2, title: 'Milk', done: true })
  expect(storage.reader(todos).get(1)).toEqual(updated)
})

test('an update or delete of another version is refused, and of a missing record too', async () => {
  const storage = await open('Milk')
  await storage.write('tick', (tx) => tx.table(todos).update(1, { done: true }, { version: 1 }))
  const conflict = { code: 'LOCALAPP_CONFLICT', status: 409 }
  await expect(
    storage.write('late', (tx) => tx.table(todos).update(1, { title: 'Late' }, { version: 1 })),
  ).rejects.toMatchObject(conflict)
  await expect(
    storage.write('late', (tx) => tx.table(todos).delete(1, { version: 1 })),
  ).rejects.toMatchObject(conflict)
  await expect(storage.write('gone', (tx) => tx.table(todos).delete(9))).rejects.toMatchObject({
    code: 'LOCALAPP_NOT_FOUND',
    message: 'There is no record 9 in todo.',
  })
  expect(storage.reader(todos).all()).toMatchObject([{ title: 'Milk', done: true, version: 2 }])
  expect(() => storage.reader(todos).get(9)).toThrow('no record 9')
  expect(storage.reader(todos).find(9)).toBeUndefined()
})

test('an id is never used again', async () => {
  const storage = await open('a', 'b')
  const deleted = await storage.write('delete', (tx) => tx.table(todos).delete(2))
  expect(deleted.title).toBe('b')
  const next = await storage.write('add', (tx) => tx.table(todos).insert({ title: 'c' }))
  expect(next.id).toBe(3)
})

test('rows are chosen, ordered, cut and counted', async () => {
  const storage = await open('a', 'b', 'c', 'd')
  await storage.write('change', (tx) => {
    tx.table(todos).update(2, { done: true, due: '2026-01-02' })
    tx.table(todos).update(3, { due: '2026-01-01' })
  })
  const reader = storage.reader(todos)
  const ids = (...[selection]: Parameters<typeof reader.all>): number[] =>
    reader.all(selection).map(({ id }) => id)
  expect(ids({ where: [['done', '=', true]] })).toEqual([2])
  expect(ids({ where: [['done', '!=', true]], order: ['id', 'desc'] })).toEqual([4, 3, 1])
  expect(ids({ where: [['due', '=', null]] })).toEqual([1, 4])
  expect(ids({ where: [['due', '!=', null]], order: ['due', 'asc'] })).toEqual([3, 2])
  expect(
    ids({
      where: [
        ['due', '>', '2026-01-01'],
        ['id', '<', 4],
      ],
    }),
  ).toEqual([2])
  expect(ids({ limit: 2 })).toEqual([1, 2])
  expect(reader.count()).toBe(4)
  expect(reader.count({ where: [['due', '!=', null]] })).toBe(2)
})

test.each(['asc', 'desc'] as const)(
  'pages by key go through all rows once, also those without a value: %s',
  async (way) => {
    const storage = await open('a', 'b', 'c', 'd', 'e', 'f')
    await storage.write('change', (tx) => {
      for (const [id, due] of [
        [2, '2026-01-02'],
        [3, '2026-01-01'],
        [5, '2026-01-02'],
        [6, '2026-01-01'],
      ] as const)
        tx.table(todos).update(id, { due })
    })
    const reader = storage.reader(todos)
    for (const column of ['due', 'id'] as const) {
      const whole = reader.all({ order: [column, way] })
      const paged: typeof whole = []
      for (let row = whole[0]; row; ) {
        paged.push(row)
        row = reader.all({ order: [column, way], after: [row.id, row.due], limit: 1 })[0]
      }
      expect(paged).toEqual(whole)
      expect(whole.map(({ id }) => id)).toEqual(
        column === 'id'
          ? [1, 2, 3, 4, 5, 6].sort((a, b) => (way === 'asc' ? a - b : b - a))
          : way === 'asc'
            ? [1, 4, 3, 6, 2, 5]
            : [5, 2, 6, 3, 4, 1],
      )
    }
  },
)

test('a list is asked whether it has an entry, and a count goes no further than it is told', async () => {
  const storage = await open('a', 'b', 'c')
  await storage.write('tag', (tx) => {
    tx.table(todos).update(1, { tags: ['shop', 'soon'] })
    tx.table(todos).update(3, { tags: ['shopping'] })
  })
  const reader = storage.reader(todos)
  expect(reader.all({ where: [['tags', 'has', 'shop']] }).map(({ id }) => id)).toEqual([1])
  expect(
    reader.count({
      where: [
        ['tags', 'has', 'shop'],
        ['tags', 'has', 'soon'],
      ],
    }),
  ).toBe(1)
  expect([reader.count({ limit: 2 }), reader.count({ limit: 9 })]).toEqual([2, 3])
})

test('what is chosen is typed by its fields', () => {
  const choose = (_: Parameters<TableReader<typeof todos.fields>['all']>[0]): void => {}
  choose({ where: [['tags', 'has', 'shop']], order: ['due', 'desc'] })
  // @ts-expect-error There is no such column.
  choose({ where: [['tag', 'has', 'shop']] })
  // @ts-expect-error Its values are no lists.
  choose({ where: [['title', 'has', 'shop']] })
  // @ts-expect-error It is a yes or no.
  choose({ where: [['done', '=', 'yes']] })
})

test('a transaction sees its own writes', async () => {
  const storage = await open('a')
  await storage.write('look', (tx) => {
    const table = tx.table(todos)
    table.insert({ title: 'b' })
    expect(table.count()).toBe(2)
    table.delete(1)
    expect(table.all().map(({ title }) => title)).toEqual(['b'])
    expect(
      storage
        .reader(todos)
        .all()
        .map(({ title }) => title),
    ).toEqual(['a'])
  })
})
