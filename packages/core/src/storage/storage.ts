import { AsyncLocalStorage } from 'node:async_hooks'
import { rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import { Connection, type Database, dataError, kyselyOn, makeFolder, openConnections } from './connection.ts'
import { recordsOf } from './records.ts'
import { follow, migrate } from './schema.ts'
import type { Table, TableReader } from './table.ts'
import { type OpenTransaction, transactionOn } from './transaction.ts'

export type { Transaction } from './transaction.ts'

/** How long a change of schema may take, in milliseconds. */
const schemaLimit = 600_000

export class Storage {
  readonly file: string
  /** Reads what is committed. */
  readonly db: Kysely<Database>
  readonly #writer: Connection
  readonly #reader: Connection
  readonly #scope = new AsyncLocalStorage<{ readonly name: string; isOpen: boolean }>()
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Opens the file of a workspace, and makes it, with a folder for its user alone, where there is none. Throws
   * `LOCALAPP_DATA_…` when it is not a workspace, cannot be written, or comes from a newer localapp.
   */
  constructor(file: string) {
    const { writer, reader } = openConnections(file)
    this.file = file
    this.#writer = writer
    this.#reader = reader
    this.db = kyselyOn((sql) => {
      this.#expectNone('`db`, which sees what is committed, was used')
      const statement = reader.prepare(sql)
      if (statement.readonly) return statement
      const fix = 'Write through an action, with the `tx` of its context.'
      throw localappError('LOCALAPP_TRANSACTION', '`db` only reads.', fix)
    })
  }

  reader<F extends Fields>(table: Table<F>): TableReader<F> {
    return recordsOf(this.#reader.run, table)
  }

  /**
   * Runs `work` alone, in one transaction, after those that asked before. What it throws rolls everything back.
   * After `limit` milliseconds it is rolled back with `LOCALAPP_TIMEOUT`, which says `name`.
   * Inside another `write` it throws `LOCALAPP_TRANSACTION`, for it would wait for itself.
   */
  async write<T>(name: string, work: (tx: OpenTransaction) => T | Promise<T>, limit = 2000): Promise<T> {
    this.#expectNone(`“${name}” would wait for ever for its turn to write, because it was begun`)
    const turn = this.#last.then(() => this.#transact(name, work, limit))
    this.#last = turn.catch(() => undefined)
    return await turn
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
    const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
    const copy = join(
      folder,
      `${basename(this.file, '.db')}-${time}-${reason.replaceAll(/[^\w-]+/g, '-')}.db`,
    )
    writeFileSync(copy, '', { flag: 'wx', mode: 0o600 })
    const source = new Connection(this.file, true)
    try {
      // A transaction that reads keeps SQLite from starting over whenever something is written meanwhile.
      source.run('begin')
      source.run('select count(*) from sqlite_master')
      await source.sqlite.backup(copy)
      return copy
    } catch (error) {
      rmSync(copy, { force: true })
      throw dataError(copy, error)
    } finally {
      source.sqlite.close()
    }
  }

  close() {
    this.#reader.sqlite.close()
    this.#writer.sqlite.close()
  }

  /** A backup made before the end of the transaction holds what is committed: the workspace before the change. */
  async #change(reason: string, work: (tx: OpenTransaction) => boolean | Promise<boolean>) {
    const change = async (tx: OpenTransaction) => {
      if (await work(tx)) await this.backUp(reason)
    }
    await this.write(reason, change, schemaLimit)
  }

  async #transact<T>(name: string, work: (tx: OpenTransaction) => T | Promise<T>, limit: number): Promise<T> {
    const writer = this.#writer
    const running = { name, isOpen: true }
    const late = Promise.withResolvers<never>()
    const overrun = () => {
      const what = `“${name}” took longer than ${limit.toLocaleString('en')} ms to write and was rolled back.`
      const fix = 'Do slow work first and write at its end: an external action does so with `commit`.'
      return localappError('LOCALAPP_TIMEOUT', what, fix)
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
      if (writer.sqlite.inTransaction) writer.run('rollback')
      throw error instanceof Sqlite.SqliteError ? dataError(this.file, error) : error
    } finally {
      running.isOpen = false
      clearTimeout(timer)
    }
  }

  #expectNone(what: string) {
    const running = this.#scope.getStore()
    if (!running?.isOpen) return
    const fix = 'Use the `tx` that is open there.'
    throw localappError('LOCALAPP_TRANSACTION', `${what} inside the transaction “${running.name}”.`, fix)
  }
}
