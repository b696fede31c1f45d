import { AsyncLocalStorage } from 'node:async_hooks'
import { rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import {
  Connection,
  type Database,
  dataError,
  kyselyOn,
  makeFolder,
  openConnections,
  type Run,
} from './connection.ts'
import { recordsOf } from './records.ts'
import { follow, migrate } from './schema.ts'
import type { RowChange, Table, TableReader, TableWriter } from './table.ts'

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

export class Storage {
  readonly file: string
  /** Reads what is committed. */
  readonly db: Kysely<Database>
  readonly #connections: ReturnType<typeof openConnections>
  readonly #scope = new AsyncLocalStorage<{ readonly name: string; isOpen: boolean }>()
  #last: Promise<void> = Promise.resolve()

  /**
   * Opens the file of a workspace, and makes it, with a folder for its user alone, where there is none. Throws
   * `LOCALAPP_DATA_…` when it is not a workspace, cannot be written, or comes from a newer localapp.
   */
  constructor(file: string) {
    this.file = file
    this.#connections = openConnections(file)
    this.db = kyselyOn((sql) => {
      this.#expectNone('`db`, which sees what is committed, was used')
      const statement = this.#connections.reader.statement(sql)
      if (statement.readonly) return statement
      const fix = 'Write through an action, with the `tx` of its context.'
      throw localappError('LOCALAPP_TRANSACTION', '`db` only reads.', fix)
    })
  }

  reader<F extends Fields>(table: Table<F>): TableReader<F> {
    return recordsOf(this.#connections.reader.run, table)
  }

  /**
   * Runs `work` alone, in one transaction, after those that asked before. What it throws rolls everything back.
   * After `limit` milliseconds it is rolled back with `LOCALAPP_TIMEOUT`, which says `name`.
   * Inside another `write` it throws `LOCALAPP_TRANSACTION`, for it would wait for itself.
   */
  async write<T>(name: string, work: (tx: OpenTransaction) => T | Promise<T>, limit = 2000): Promise<T> {
    this.#expectNone(`“${name}” would wait for ever for its turn to write, because it was begun`)
    const before = this.#last
    const turn = Promise.withResolvers<void>()
    this.#last = turn.promise
    await before
    const { writer } = this.#connections
    const running = { name, isOpen: true }
    const late = Promise.withResolvers<never>()
    const overrun = () => {
      return localappError(
        'LOCALAPP_TIMEOUT',
        `“${name}” took longer than ${limit.toLocaleString('en')} ms to write and was rolled back.`,
        'Do slow work first and write at its end: an external action does so with `commit`.',
      )
    }
    const timer = setTimeout(() => late.reject(overrun()), limit)
    const started = performance.now()
    try {
      writer.run('begin immediate')
      const tx = transactionOn(writer, running)
      const value = await Promise.race([this.#scope.run(running, work, tx), late.promise])
      // What blocks the event loop keeps the timer waiting, too.
      if (performance.now() - started > limit) throw overrun()
      tx.run('commit')
      return value
    } catch (error) {
      if (writer.inTransaction) writer.run('rollback')
      throw error instanceof Sqlite.SqliteError ? dataError(this.file, error) : error
    } finally {
      running.isOpen = false
      clearTimeout(timer)
      turn.resolve()
    }
  }

  /**
   * Creates a table or makes it follow its fields, after a backup where there are rows. Throws
   * `LOCALAPP_SCHEMA_QUESTION`, with nothing changed, where only the user knows what is meant.
   */
  async follow(table: Table) {
    await this.#change(`change-${table.name}`, ({ run }) => follow(run, table))
  }

  /**
   * Runs the migrations of a plugin that have not run yet, in the order of their names, all or none of them, after
   * a backup where there are rows. Throws `LOCALAPP_PLUGIN` with the name of the one that failed.
   */
  async migrate(plugin: string, migrations: Readonly<Record<string, Migration>>) {
    await this.#change(`migrate-${plugin}`, (tx) => migrate(tx, plugin, migrations))
  }

  /** Copies what is committed at this moment to `backups/<workspace>-<time>-<reason>.db` beside the file. */
  async backUp(reason: string) {
    const folder = join(dirname(this.file), 'backups')
    makeFolder(folder)
    const name = `${basename(this.file, '.db')}-${new Date().toISOString()}-${reason}`
    const copy = join(folder, `${name.replaceAll(/[^\w-]+/g, '-')}.db`)
    writeFileSync(copy, '', { flag: 'wx', mode: 0o600 })
    const source = new Connection(this.file, true)
    try {
      // A transaction that reads keeps SQLite from starting over whenever something is written meanwhile.
      source.run('begin')
      source.run('select count(*) from sqlite_master')
      await source.backup(copy)
      return copy
    } catch (error) {
      rmSync(copy, { force: true })
      throw dataError(copy, error)
    } finally {
      source.close()
    }
  }

  close() {
    this.#connections.reader.close()
    this.#connections.writer.close()
  }

  /**
   * Changes the schema, which may take ten minutes. A backup made before the end of the transaction holds what is
   * committed: the workspace before the change.
   */
  async #change(reason: string, work: (tx: OpenTransaction) => boolean | Promise<boolean>) {
    const change = async (tx: OpenTransaction) => {
      if (await work(tx)) await this.backUp(reason)
    }
    await this.write(reason, change, 600_000)
  }

  #expectNone(what: string) {
    const running = this.#scope.getStore()
    if (!running?.isOpen) return
    const fix = 'Use the `tx` that is open there.'
    throw localappError('LOCALAPP_TRANSACTION', `${what} inside the transaction “${running.name}”.`, fix)
  }
}

/** A transaction that its storage has begun on `connection`, and ends by setting `isOpen` to false. */
function transactionOn(
  connection: Connection,
  running: { readonly name: string; readonly isOpen: boolean },
): OpenTransaction {
  const changes: RowChange[] = []
  const expectOpen = () => {
    // SQLite itself ends a transaction when, say, the disk is full: what follows would be written outside of one.
    if (running.isOpen && connection.inTransaction) return
    throw localappError(
      'LOCALAPP_TRANSACTION',
      `The transaction “${running.name}” has ended, and something that it began still wanted to use it.`,
      'Await everything that uses the transaction before you return.',
    )
  }
  const run: Run = (sql, parameters) => {
    expectOpen()
    return connection.run(sql, parameters)
  }
  const tx = {
    run,
    changes,
    wroteRaw: false,
    db: kyselyOn((sql) => {
      expectOpen()
      const statement = connection.statement(sql)
      tx.wroteRaw ||= !statement.readonly
      return statement
    }),
    table: <F extends Fields>(table: Table<F>) => recordsOf(run, table, changes),
    restore(change: RowChange) {
      recordsOf(run, { name: change.table, fields: {} }, changes).restore(change)
    },
  }
  return tx
}
