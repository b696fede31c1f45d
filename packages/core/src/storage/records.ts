import { localappError } from '../error/error.ts'
import type { Field, Fields } from '../field/field.ts'
import { type Column, quote, type RawRow, type Run } from './connection.ts'
import { found, wordsOf } from './search.ts'
import {
  ownColumns,
  type RowChange,
  type Selection,
  type Stored,
  type Table,
  type TableWriter,
} from './table.ts'

/** SQLite's `is` is an `=` for which null equals null. */
const operators = { '=': 'is', '!=': 'is not', '<': '<', '<=': '<=', '>': '>', '>=': '>=' }

/** The records of a table, over a connection that reads or a transaction. Each write leaves its image in `changes`. */
export function recordsOf<F extends Fields>(
  run: Run,
  table: Table<F>,
  changes: RowChange[] = [],
): TableWriter<F> {
  const fields = Object.entries<Field>(table.fields)
  const names = [...ownColumns, ...Object.keys(table.fields)]
  const at = quote(table.name)
  const select = `select ${names.map(quote)} from ${at}`

  const decode = (row: RawRow): Stored<F> => {
    for (const [name, field] of fields) row[name] = field.fromColumn(row[name] as Column)
    return row as Stored<F>
  }
  const toColumn = (column: string, value: unknown): unknown => table.fields[column]?.toColumn(value) ?? value
  const missing = (id: number): never => {
    const fix = 'It may have been deleted. Load the page again.'
    throw localappError('LOCALAPP_NOT_FOUND', `There is no record ${id} in ${table.name}.`, fix)
  }
  const find = (id: number): Stored<F> | undefined => {
    const [row] = run(`${select} where id = ?`, [id])
    return row && decode(row)
  }
  const chosen = (selection: Selection<F>): [string, unknown[]] => {
    const { where = [], search, order: [by, way] = ['id', 'asc'], after, limit = -1 } = selection
    const holds: string[] = []
    const values: unknown[] = []
    const hold = (condition: string, ...parameters: unknown[]): void => {
      holds.push(condition)
      values.push(...parameters)
    }
    for (const [column, operator, value] of where) {
      const name = quote(column)
      if (operator === 'has') hold(`exists (select 1 from json_each(${name}) where value = ?)`, value)
      else if (operator === 'in') {
        const columns = value.map((each) => toColumn(column, each))
        hold(`${name} in (select value from json_each(?))`, JSON.stringify(columns))
      } else hold(`${name} ${operators[operator]} ?`, value === null ? value : toColumn(column, value))
    }
    if (search !== undefined) hold(found(table.name), wordsOf(search))
    const column = quote(by)
    if (after) {
      const [id, value = null] = after
      const [isAscending, beyond] = way === 'asc' ? [true, '>'] : [false, '<']
      if (by === 'id') hold(`id ${beyond} ?`, id)
      else if (value === null)
        hold(isAscending ? `(${column} is not null or id > ?)` : `${column} is null and id < ?`, id)
      else hold(`((${column}, id) ${beyond} (?, ?)${isAscending ? '' : ` or ${column} is null`})`, value, id)
    }
    const order = by === 'id' ? `id ${way}` : `${column} ${way}, id ${way}`
    const filter = holds.length > 0 ? ` where ${holds.join(' and ')}` : ''
    return [`${filter} order by ${order} limit ?`, [...values, limit]]
  }
  const imageOf = (id: number, version: number | undefined): RawRow => {
    const [row = missing(id)] = run(`select * from ${at} where id = ?`, [id])
    if (version === undefined || version === row.version) return row
    const what = `Record ${id} of ${table.name} was changed by someone else meanwhile.`
    const fix = 'Load it again, look at what changed, and repeat your change.'
    throw localappError('LOCALAPP_CONFLICT', what, fix)
  }
  const kept = (before: RawRow | null, after: RawRow | null): Stored<F> => {
    const image = (after ?? before) as RawRow
    changes.push({ table: table.name, key: image.id as number, before, after })
    const row: RawRow = {} // an image also has the columns of fields that are gone
    for (const name of names) row[name] = image[name]
    return decode(row)
  }

  return {
    find,
    get: (id) => find(id) ?? missing(id),
    all(selection = {}) {
      const [text, values] = chosen(selection)
      return run(select + text, values).map(decode)
    },
    count(selection = {}) {
      const [text, values] = chosen(selection)
      const [row] = run(`select count(*) as count from (select id from ${at}${text})`, values)
      return row?.count as number
    },
    insert(values) {
      const now = new Date().toISOString()
      const row: unknown[] = [1, now, now]
      for (const [name, field] of fields) {
        const value = (values as RawRow)[name]
        row.push(value === undefined ? emptyColumn(field) : field.toColumn(value))
      }
      return kept(null, run(insertText(table.name, names.slice(1)), row)[0] as RawRow)
    },
    update(id, patch, { version } = {}) {
      const before = imageOf(id, version)
      const row: RawRow = { version: (before.version as number) + 1, updatedAt: new Date().toISOString() }
      for (const [name, field] of fields) {
        const value = (patch as RawRow)[name]
        if (value !== undefined) row[name] = field.toColumn(value)
      }
      const [after] = run(updateText(table.name, Object.keys(row)), [...Object.values(row), id])
      return kept(before, after as RawRow)
    },
    delete(id, { version } = {}) {
      const before = imageOf(id, version)
      run(`delete from ${at} where id = ?`, [id])
      return kept(before, null)
    },
  }
}

export function insertText(table: string, names: readonly string[]) {
  return `insert into ${quote(table)} (${names.map(quote)}) values (${names.map(() => '?')}) returning *`
}

export function updateText(table: string, names: readonly string[]) {
  return `update ${quote(table)} set ${names.map((name) => `${quote(name)} = ?`)} where id = ? returning *`
}

export function emptyColumn(field: Field): Column {
  return field.requirement === 'defaulted' ? field.toColumn(field.options.default) : null
}
