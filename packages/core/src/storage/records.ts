import type { ComparisonOperator, Compilable, SelectQueryBuilder } from 'kysely'
import { localappError } from '../error/error.ts'
import type { Field, Fields } from '../field/field.ts'
import { builder, type Database, type RawRow, type Rows } from './connection.ts'
import {
  type Condition,
  ownColumns,
  type RowChange,
  type Stored,
  type Table,
  type TableReader,
  type TableWriter,
} from './table.ts'

/** What every use of a table needs, made once: its SQL texts are compiled when they are first used. */
class Shape {
  readonly table: string
  readonly fields: readonly (readonly [string, Field])[]
  readonly columns: readonly string[]
  readonly #texts = new Map<string, string>()

  constructor({ name, fields }: Table) {
    this.table = name
    this.fields = Object.entries(fields)
    this.columns = [...ownColumns, ...Object.keys(fields)]
  }

  sql(key: string, build: () => Compilable): string {
    let text = this.#texts.get(key)
    if (text === undefined) {
      text = build().compile().sql
      this.#texts.set(key, text)
    }
    return text
  }

  select(): SelectQueryBuilder<Database, string, RawRow> {
    return builder.selectFrom(this.table).select(this.columns)
  }

  /** Turns a row of columns into a record, in place. */
  decode<F extends Fields>(row: RawRow): Stored<F> {
    for (const [name, field] of this.fields) row[name] = field.fromColumn(row[name] as string | number | null)
    return row as Stored<F>
  }
}

const shapes = new WeakMap<Table, Shape>()

function shapeOf(table: Table): Shape {
  const shape = shapes.get(table) ?? new Shape(table)
  shapes.set(table, shape)
  return shape
}

export function readerOf<F extends Fields>(rows: Rows, table: Table<F>): TableReader<F> {
  const shape = shapeOf(table)
  const find = (id: number): Stored<F> | undefined => {
    const [row] = rows.all(
      shape.sql('find', () => shape.select().where('id', '=', id)),
      [id],
    )
    return row && shape.decode<F>(row)
  }
  const valuesOf = (where: readonly Condition<F>[]): unknown[] =>
    where.map(([column, , value]) =>
      value === null ? value : (table.fields[column]?.toColumn(value) ?? value),
    )
  return {
    find,
    get: (id) => find(id) ?? missing(table, id),
    all({ where = [], order = [['id', 'asc'] as const], limit = -1, offset = 0 } = {}) {
      const sql = shape.sql(`all ${conditionsOf(where)} ${order.join()}`, () => {
        let query = shape.select().limit(limit).offset(offset)
        for (const condition of where) query = query.where(...comparison(condition))
        for (const [column, direction] of order) query = query.orderBy(column, direction)
        return query
      })
      return rows.all(sql, [...valuesOf(where), limit, offset]).map((row) => shape.decode(row))
    },
    count({ where = [] } = {}) {
      const sql = shape.sql(`count ${conditionsOf(where)}`, () => {
        let query = builder.selectFrom(table.name).select(({ fn }) => fn.countAll().as('count'))
        for (const condition of where) query = query.where(...comparison(condition))
        return query
      })
      return rows.all(sql, valuesOf(where))[0]?.count as number
    },
  }
}

/** Reads and writes the records of a table in a transaction, and leaves a row image of each write in `changes`. */
export function writerOf<F extends Fields>(
  rows: Rows,
  table: Table<F>,
  changes: RowChange[],
): TableWriter<F> {
  const shape = shapeOf(table)
  const expect = (id: number, version: number | undefined): RawRow => {
    const sql = shape.sql('image', () => builder.selectFrom(table.name).selectAll().where('id', '=', id))
    const [row = missing(table, id)] = rows.all(sql, [id])
    if (version === undefined || version === row.version) return row
    throw localappError(
      'LOCALAPP_CONFLICT',
      `Record ${id} of ${table.name} was changed by someone else meanwhile.`,
      'Load it again, look at what changed, and repeat your change.',
    )
  }
  const record = (before: RawRow | null, [after]: RawRow[]): Stored<F> => {
    const image = (after ?? before) as RawRow
    changes.push({ table: table.name, key: image.id as number, before, after: after ?? null })
    const row: RawRow = {} // an image also has the columns of fields that are gone
    for (const column of shape.columns) row[column] = image[column]
    return shape.decode(row)
  }
  return {
    ...readerOf(rows, table),
    insert(input) {
      const now = new Date().toISOString()
      const row: RawRow = { version: 1, createdAt: now, updatedAt: now }
      for (const [name, field] of shape.fields) {
        const value = (input as RawRow)[name]
        row[name] = value === undefined ? emptyColumn(field) : field.toColumn(value)
      }
      const sql = shape.sql('insert', () => builder.insertInto(table.name).values(row).returningAll())
      return record(null, rows.all(sql, Object.values(row)))
    },
    update(id, patch, { version } = {}) {
      const before = expect(id, version)
      const row: RawRow = { version: (before.version as number) + 1, updatedAt: new Date().toISOString() }
      for (const [name, field] of shape.fields) {
        const value = (patch as RawRow)[name]
        if (value !== undefined) row[name] = field.toColumn(value)
      }
      const sql = shape.sql(`update ${Object.keys(row).join()}`, () =>
        builder.updateTable(table.name).set(row).where('id', '=', id).returningAll(),
      )
      return record(before, rows.all(sql, [...Object.values(row), id]))
    },
    delete(id, { version } = {}) {
      const before = expect(id, version)
      rows.all(
        shape.sql('delete', () => builder.deleteFrom(table.name).where('id', '=', id).returning('id')),
        [id],
      )
      return record(before, [])
    },
  }
}

export function emptyColumn(field: Field): string | number | null {
  return field.requirement === 'defaulted' ? field.toColumn(field.options.default) : null
}

function missing(table: Table, id: number): never {
  throw localappError(
    'LOCALAPP_NOT_FOUND',
    `There is no record ${id} in ${table.name}.`,
    'It may have been deleted. Load the page again.',
  )
}

const conditionsOf = <F extends Fields>(where: readonly Condition<F>[]): string =>
  where.map(([column, operator]) => column + operator).join()

/** The value is bound later; SQLite's `is` is an `=` for which null equals null. */
function comparison<F extends Fields>([column, operator]: Condition<F>): [
  string,
  ComparisonOperator,
  number,
] {
  return [column, operator === '=' ? 'is' : operator === '!=' ? 'is not' : operator, 0]
}
