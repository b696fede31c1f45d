import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type LocalappError, localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import { backUp } from './backup.ts'
import { type Database, kyselyOn } from './connection.ts'
import { migrate } from './migration.ts'
import { dataError, openConnections } from './open.ts'
import { readerOf } from './records.ts'
import { follow } from './schema.ts'
import type { Table, TableReader } from './table.ts'
import { OpenTransaction, type Transaction } from './transaction.ts'

export type { RowChange } from './table.ts'
export type { Transaction } from './transaction.ts'

export interface Storage {
  readonly file: string
  readonly db: Kysely<Database>
  reader<F extends Fields>(table: Table<F>): TableReader<F>
  /**
   * Runs `work` alone, in one transaction, after those that asked before. What it throws rolls everything back.
   * After `limit` milliseconds (2,000 by default) it is rolled back with `LOCALAPP_TIMEOUT`, which says `name`.
   * Inside another `write` it throws `LOCALAPP_TRANSACTION`, for it would wait for itself.
   */
  write<T>(name: string, work: (tx: Transaction) => T | Promise<T>, options?: { limit?: number }): Promise<T>
  /**
   * Creates a table or makes it follow its fields, after a backup where there are rows. Throws
   * `LOCALAPP_SCHEMA_QUESTION`, with nothing changed, where only the user knows what is meant.
   */
  follow(table: Table): Promise<void>
  /**
   * Runs the migrations of a plugin that have not run yet, in the order of their names, all or none of them, after
   * a backup where there are rows. Throws `LOCALAPP_PLUGIN` with the name of the one that failed.
   */
  migrate(plugin: string, migrations: Record<string, Migration>): Promise<void>
  backup(reason: string): Promise<string>
  close(): void
}

/**
 * Opens the file of a workspace, and makes it, with a folder for its user alone, where there is none. Throws
 * `LOCALAPP_DATA_…` when it is not a workspace, cannot be written, or comes from a newer localapp.
 */
export function openStorage(file: string): Storage {
  const { writer, reader } = openConnections(file)
  const scope = new AsyncLocalStorage<OpenTransaction>()
  let last: Promise<unknown> = Promise.resolve()

  const expectNone = (what: string): void => {
    const running = scope.getStore()
    if (running?.ended === false)
      throw refused(`${what} inside the transaction “${running.name}”.`, 'Use the `tx` that is open there.')
  }

  const transact = async <T>(
    name: string,
    work: (tx: Transaction) => T | Promise<T>,
    limit: number,
  ): Promise<T> => {
    try {
      writer.prepare('begin immediate').run()
    } catch (error) {
      throw dataError(file, error)
    }
    const tx = new OpenTransaction(name, writer)
    const started = performance.now()
    try {
      const returned = scope.run(tx, work, tx)
      const value = types.isPromise(returned) ? await within(limit, returned as Promise<T>, name) : returned
      if (performance.now() - started > limit) throw overrun(name, limit)
      writer.prepare('commit').run()
      return value
    } catch (error) {
      if (writer.sqlite.inTransaction) writer.prepare('rollback').run()
      throw error
    } finally {
      tx.ended = true
    }
  }

  const storage: Storage = {
    file,
    db: kyselyOn(reader, ({ readonly }) => {
      expectNone('`db`, which sees what is committed, was used')
      if (!readonly)
        throw refused('`db` only reads.', 'Write through an action, with the `tx` of its context.')
    }),
    reader: (table) => readerOf(reader, table),
    async write(name, work, { limit = 2000 } = {}) {
      expectNone(`“${name}” would wait for ever for its turn to write, because it was begun`)
      const turn = last.then(() => transact(name, work, limit))
      last = turn.catch(() => undefined)
      return await turn
    },
    follow: (table) => follow(storage, table),
    migrate: (plugin, migrations) => migrate(storage, plugin, migrations),
    backup: (reason) => backUp(file, reason),
    close() {
      reader.sqlite.close()
      writer.sqlite.close()
    },
  }
  return storage
}

function within<T>(limit: number, work: Promise<T>, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(overrun(name, limit)), limit)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

const overrun = (name: string, limit: number): LocalappError =>
  localappError(
    'LOCALAPP_TIMEOUT',
    `“${name}” took longer than ${limit.toLocaleString('en')} ms to write and was rolled back.`,
    'Do slow work first and write at its end: an external action does so with `commit`.',
  )

const refused = (what: string, fix: string): LocalappError => localappError('LOCALAPP_TRANSACTION', what, fix)
