import type { Kysely } from 'kysely'
import { localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import { builder, type Connection, type Database, kyselyOn, type RawRow, type Rows } from './connection.ts'
import { writerOf } from './records.ts'
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
   * Takes one change back: the row gets its id and its values again, and its version goes on rising. Columns that
   * came or went since are left alone. Throws `LOCALAPP_CHANGED_SINCE` when the row is not as the change left it.
   */
  restore(change: RowChange): void
}

export class OpenTransaction implements Transaction, Rows {
  readonly name: string
  readonly changes: RowChange[] = []
  wroteRaw = false
  ended = false
  readonly #connection: Connection
  #db: Kysely<Database> | undefined

  constructor(name: string, connection: Connection) {
    this.name = name
    this.#connection = connection
  }

  get db(): Kysely<Database> {
    this.#db ??= kyselyOn(this.#connection, ({ readonly }) => {
      this.#expectOpen()
      if (!readonly) this.wroteRaw = true
    })
    return this.#db
  }

  table<F extends Fields>(table: Table<F>): TableWriter<F> {
    return writerOf(this, table, this.changes)
  }

  all(sql: string, parameters: readonly unknown[]): RawRow[] {
    this.#expectOpen()
    return this.#connection.all(sql, parameters)
  }

  restore({ table, key, before, after }: RowChange): void {
    const columns = this.all('select name from pragma_table_info(?)', [table]).map(({ name }) => String(name))
    const find = builder.selectFrom(table).selectAll().where('id', '=', key).compile()
    const [current] = columns.length === 0 ? [] : this.all(find.sql, find.parameters)
    if (columns.length === 0 || !isAs(current, after)) {
      throw localappError(
        'LOCALAPP_CHANGED_SINCE',
        `Record ${key} of ${table} has changed since, so this cannot be taken back.`,
        'Look at the record and change it by hand.',
      )
    }
    const row = Object.fromEntries(
      Object.entries(before ?? {}).filter(([column]) => columns.includes(column)),
    )
    row.version = Math.max(Number(before?.version), Number(current?.version ?? 0)) + 1
    row.updatedAt = new Date().toISOString()
    const query = before
      ? current
        ? builder.updateTable(table).set(row).where('id', '=', key)
        : builder.insertInto(table).values(row)
      : builder.deleteFrom(table).where('id', '=', key)
    const { sql, parameters } = query.returningAll().compile()
    const [written] = this.all(sql, parameters)
    this.changes.push({ table, key, before: current ?? null, after: (before && written) ?? null })
  }

  #expectOpen(): void {
    // SQLite itself ends a transaction when, say, the disk is full: what follows would be written outside of one.
    if (!this.ended && this.#connection.sqlite.inTransaction) return
    throw localappError(
      'LOCALAPP_TRANSACTION',
      `The transaction “${this.name}” has ended, and something that it began still wanted to use it.`,
      'Await everything that uses the transaction before you return.',
    )
  }
}

/** Compares a row with an image of it, but for what each write changes and for columns that came or went. */
function isAs(row: RawRow | undefined, image: RawRow | null): boolean {
  if (!row || !image) return !row && !image
  return Object.entries({ ...image, version: row.version, updatedAt: row.updatedAt }).every(
    ([column, value]) => row[column] === undefined || row[column] === value,
  )
}
