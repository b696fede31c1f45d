import Sqlite from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { localappError } from '../error/error.ts'

/** Kysely's view of a workspace: any table, with columns of any type, since plugins come and go. */
export type Database = Record<string, Record<string, unknown>>

/** A row as SQLite keeps it: numbers, text and null. */
export type RawRow = Record<string, unknown>

export interface Rows {
  all(sql: string, parameters: readonly unknown[]): RawRow[]
}

export class Connection implements Rows {
  readonly sqlite: Sqlite.Database
  readonly #statements = new Map<string, Sqlite.Statement>()

  constructor(file: string, readonly: boolean) {
    // Only this process writes. Another program that holds the file must not stop the event loop for long.
    this.sqlite = new Sqlite(file, { readonly, timeout: 200 })
  }

  prepare(sql: string): Sqlite.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      if (this.#statements.size >= 1000) this.#statements.clear()
      statement = this.sqlite.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  all(sql: string, parameters: readonly unknown[]): RawRow[] {
    return this.prepare(sql).all(parameters) as RawRow[]
  }
}

class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
  // A statement runs to its end before anything else does, so nobody has to wait for the connection.
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

function kyselyWith(driver: DummyDriver): Kysely<Database> {
  return new Kysely({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

export const builder: Kysely<Database> = kyselyWith(new DummyDriver())

/** Kysely on a connection. `guard` sees each statement first, and throws to refuse it. */
export function kyselyOn(
  connection: Connection,
  guard: (statement: Sqlite.Statement) => void,
): Kysely<Database> {
  return kyselyWith(new ConnectionDriver(connection, guard))
}

class ConnectionDriver extends DummyDriver implements DatabaseConnection {
  readonly #connection: Connection
  readonly #guard: (statement: Sqlite.Statement) => void

  constructor(connection: Connection, guard: (statement: Sqlite.Statement) => void) {
    super()
    this.#connection = connection
    this.#guard = guard
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return this
  }

  override async beginTransaction(): Promise<void> {
    refuseTransaction()
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (/^\s*(begin|commit|end|rollback|savepoint|release)\b/i.test(sql)) refuseTransaction()
    const statement = this.#connection.prepare(sql)
    this.#guard(statement)
    if (statement.reader) return { rows: statement.all(parameters) as R[] }
    const { changes, lastInsertRowid } = statement.run(parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  /** All rows at once: an open cursor would keep the connection from writing between two of them. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query)
  }
}

function refuseTransaction(): never {
  throw localappError(
    'LOCALAPP_TRANSACTION',
    'A transaction was begun or ended by hand.',
    'Leave that to localapp: all that an action writes is one transaction already.',
  )
}
