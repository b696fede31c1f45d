import type { Kysely } from 'kysely'
import { localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import { type Connection, type Database, kyselyOn, quote, type RawRow, type Run } from './connection.ts'
import { insertText, recordsOf, updateText } from './records.ts'
import type { RowChange, Table, TableWriter } from './table.ts'

/** What one write may use until it ends; from then on everything here throws `LOCALAPP_TRANSACTION`. */
export interface Transaction {
  /** Kysely on the writing connection. What it writes leaves no row images, so it is not undone by them. */
  readonly db: Kysely<Database>
  /** Row images of what was written through `table()`, oldest first. */
  readonly changes: readonly RowChange[]
  /** Whether something was written through `db`. */
  readonly wroteRaw: boolean
  table<F extends Fields>(table: Table<F>): TableWriter<F>
  /**
   * Takes one change back: the row gets its id and its values again, and its version goes on rising. Throws
   * `LOCALAPP_CHANGED_SINCE` when the row is not as the change left it, or a column of it is gone.
   */
  restore(change: RowChange): void
}

/** A {@link Transaction} as storage itself uses it. */
export interface OpenTransaction extends Transaction {
  /** Leaves no row images and does not count as raw. */
  readonly run: Run
}

/** A transaction that its storage has begun on `connection`, and ends by setting `isOpen` to false. */
export function transactionOn(
  connection: Connection,
  running: { readonly name: string; readonly isOpen: boolean },
): OpenTransaction {
  const changes: RowChange[] = []
  let wroteRaw = false
  let db: Kysely<Database> | undefined
  const expectOpen = () => {
    // SQLite itself ends a transaction when, say, the disk is full: what follows would be written outside of one.
    if (running.isOpen && connection.sqlite.inTransaction) return
    const what = `The transaction “${running.name}” has ended, and something that it began still wanted to use it.`
    const fix = 'Await everything that uses the transaction before you return.'
    throw localappError('LOCALAPP_TRANSACTION', what, fix)
  }
  const run: Run = (sql, parameters) => {
    expectOpen()
    return connection.run(sql, parameters)
  }
  return {
    run,
    changes,
    get wroteRaw() {
      return wroteRaw
    },
    get db() {
      db ??= kyselyOn((sql) => {
        expectOpen()
        const statement = connection.prepare(sql)
        wroteRaw ||= !statement.readonly
        return statement
      })
      return db
    },
    table: (table) => recordsOf(run, table, changes),
    restore({ table, key, before, after }) {
      const columns = run('select name from pragma_table_info(?)', [table]).map(({ name }) => name)
      const isThere = Object.keys({ ...before, ...after }).every((column) => columns.includes(column))
      const [current = null] = isThere ? run(`select * from ${quote(table)} where id = ?`, [key]) : []
      if (!isThere || !isAs(current, after)) {
        const what = `Record ${key} of ${table} has changed since, so this cannot be taken back.`
        throw localappError('LOCALAPP_CHANGED_SINCE', what, 'Look at the record and change it by hand.')
      }
      const version = Math.max(Number(before?.version), Number(current?.version ?? 0)) + 1
      const row = { ...before, version, updatedAt: new Date().toISOString() }
      const names = Object.keys(row)
      const values = Object.values(row)
      let rows: RawRow[] = []
      if (!before) run(`delete from ${quote(table)} where id = ?`, [key])
      else if (current) rows = run(updateText(table, names), [...values, key])
      else rows = run(insertText(table, names), values)
      changes.push({ table, key, before: current, after: rows[0] ?? null })
    },
  }
}

/** Compares a row with an image of it, but for what each write changes and for columns that came since. */
function isAs(row: RawRow | null, image: RawRow | null) {
  if (!row || !image) return row === image
  const same = { ...image, version: row.version, updatedAt: row.updatedAt }
  return Object.entries(same).every(([column, value]) => row[column] === value)
}
