import Sqlite from 'better-sqlite3'
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import { localappError } from '../error/error.ts'

/** Kysely's view of a workspace: any table, with columns of any type, since plugins come and go. */
export type Database = Record<string, Record<string, unknown>>

/** A row as SQLite keeps it: numbers, text and null. */
export type RawRow = Record<string, unknown>

/** What a column holds. */
export type Column = string | number | null

export type Run = (sql: string, parameters?: readonly unknown[]) => RawRow[]

export const quote = (name: string): string =>
  name.includes('"') ? `"${name.replaceAll('"', '""')}"` : `"${name}"`

export class Connection {
  readonly sqlite: Sqlite.Database
  readonly #statements = new Map<string, Sqlite.Statement>()

  constructor(file: string, readonly: boolean) {
    // Only this process writes. Another program that holds the file must not stop the event loop for long.
    this.sqlite = new Sqlite(file, { readonly, timeout: 200 })
  }

  prepare(sql: string): Sqlite.Statement {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    const statement = this.sqlite.prepare(sql)
    // An open cursor would keep the connection from writing between two rows of a stream.
    statement.iterate = (...parameters) => statement.all(...parameters).values()
    if (this.#statements.size >= 1000) this.#statements.clear()
    this.#statements.set(sql, statement)
    return statement
  }

  readonly run: Run = (sql, parameters = []) => {
    const statement = this.prepare(sql)
    if (statement.reader) return statement.all(parameters) as RawRow[]
    statement.run(parameters)
    return []
  }
}

class Adapter extends SqliteAdapter {
  // A statement runs to its end before anything else does, so nobody has to wait for the connection.
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new Adapter()
  }
}

/** Kysely that runs what `prepare` gives it, unless that throws. */
export function kyselyOn(prepare: (sql: string) => Sqlite.Statement): Kysely<Database> {
  const database = {
    close() {},
    prepare(sql: string) {
      if (/^\s*(begin|commit|end|rollback|savepoint|release)\b/i.test(sql)) {
        const fix = 'Leave that to localapp: all that an action writes is one transaction already.'
        throw localappError('LOCALAPP_TRANSACTION', 'A transaction was begun or ended by hand.', fix)
      }
      return prepare(sql)
    },
  }
  return new Kysely({ dialect: new Dialect({ database }) })
}
