import { localappError } from '../error/error.ts'
import type { Field, Fields } from '../field/field.ts'
import { type Column, quote, type RawRow, type Run } from './connection.ts'
import { found } from './search.ts'
import type { Transaction } from './storage.ts'
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
): TableWriter<F> & Pick<Transaction, 'restore'> {
  const fields = Object.entries<Field>(table.fields)
  const names = [...ownColumns, ...Object.keys(table.fields)]
  const at = quote(table.name)
  const select = `select ${names.map(quote)} from ${at}`

  const decode = (row: RawRow) => {
    for (const [name, field] of fields) row[name] = field.fromColumn(row[name] as Column)
    return row as Stored<F>
  }
  const toColumn = (column: string, value: unknown) => table.fields[column]?.toColumn(value) ?? value
  const missing = (id: number): never => {
    const fix = 'It may have been deleted. Load the page again.'
    throw localappError('LOCALAPP_NOT_FOUND', `There is no record ${id} in ${table.name}.`, fix)
  }
  const find = (id: number) => {
    const [row] = run(`${select} where id = ?`, [id])
    return row && decode(row)
  }
  const chosen = (selection: Selection<F>): [string, unknown[]] => {
    const { where = [], search, order: [by, way] = ['id', 'asc'], after, limit = -1 } = selection
    const holds = ['true']
    const values: unknown[] = []
    const hold = (condition: string, ...parameters: unknown[]) => {
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
    if (search !== undefined) hold(...found(table.name, search))
    const column = quote(by)
    if (after) {
      const [id, value = null] = after
      const [isAscending, beyond] = way === 'asc' ? [true, '>'] : [false, '<']
      if (by === 'id') hold(`id ${beyond} ?`, id)
      else if (value === null)
        hold(isAscending ? `(${column} is not null or id > ?)` : `${column} is null and id < ?`, id)
      else hold(`((${column}, id) ${beyond} (?, ?)${isAscending ? '' : ` or ${column} is null`})`, value, id)
    }
    return [` where ${holds.join(' and ')} order by ${column} ${way}, id ${way} limit ?`, [...values, limit]]
  }
  const imageOf = (id: number, version: number | undefined) => {
    const [row = missing(id)] = run(`select * from ${at} where id = ?`, [id])
    if (version === undefined || version === row.version) return row
    throw localappError(
      'LOCALAPP_CONFLICT',
      `Record ${id} of ${table.name} was changed by someone else meanwhile.`,
      'Load it again, look at what changed, and repeat your change.',
    )
  }
  /** Inserts a row where there was none, updates the one that was, or deletes it where no columns are given. */
  const put = (before: RawRow | null, columns: RawRow | null) => {
    const given = Object.keys(columns ?? {}).map(quote)
    let text = `delete from ${at} where id = ?`
    if (!before) text = `insert into ${at} (${given}) values (${given.map(() => '?')})`
    else if (columns) text = `update ${at} set ${given.map((name) => `${name} = ?`)} where id = ?`
    const key = before ? [before.id] : []
    const [image = {}] = run(`${text} returning *`, [...Object.values(columns ?? {}), ...key])
    changes.push({ table: table.name, key: Number(image.id), before, after: columns && image })
    // An image also has the columns of fields that are gone.
    return decode(Object.fromEntries(names.map((name) => [name, image[name]])))
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
      const row: RawRow = { version: 1, createdAt: now, updatedAt: now }
      for (const [name, field] of fields) {
        const value = (values as RawRow)[name]
        row[name] = value === undefined ? emptyColumn(field) : field.toColumn(value)
      }
      return put(null, row)
    },
    update(id, patch, { version } = {}) {
      const before = imageOf(id, version)
      const row: RawRow = { version: (before.version as number) + 1, updatedAt: new Date().toISOString() }
      for (const [name, field] of fields) {
        const value = (patch as RawRow)[name]
        if (value !== undefined) row[name] = field.toColumn(value)
      }
      return put(before, row)
    },
    delete: (id, { version } = {}) => put(imageOf(id, version), null),
    restore({ key, before, after }) {
      const columns = run('select name from pragma_table_info(?)', [table.name]).map(({ name }) => name)
      const isThere = Object.keys({ ...before, ...after }).every((column) => columns.includes(column))
      const [current = null] = isThere ? run(`select * from ${at} where id = ?`, [key]) : []
      if (!isThere || !isAs(current, after)) {
        const what = `Record ${key} of ${table.name} has changed since, so this cannot be taken back.`
        throw localappError('LOCALAPP_CHANGED_SINCE', what, 'Look at the record and change it by hand.')
      }
      const version = Math.max(Number(before?.version), Number(current?.version ?? 0)) + 1
      put(current, before && { ...before, version, updatedAt: new Date().toISOString() })
    },
  }
}

/** Compares a row with an image of it, but for what each write changes and for columns that came since. */
function isAs(row: RawRow | null, image: RawRow | null) {
  if (!row || !image) return row === image
  const same = { ...image, version: row.version, updatedAt: row.updatedAt }
  return Object.entries(same).every(([column, value]) => row[column] === value)
}

export function emptyColumn(field: Field): Column {
  return field.requirement === 'defaulted' ? field.toColumn(field.options.default) : null
}
