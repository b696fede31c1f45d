import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import { type ErrorCode, localappError } from '../error/error.ts'

/** Marks a SQLite file as a workspace: “lapp” in ASCII. */
const applicationId = 0x6c617070
/** The layout of localapp's own tables. A file with a greater one comes from a newer localapp. */
const layout = 2

/** Kysely's view of a workspace: any table, with columns of any type, since plugins come and go. */
export type Database = Record<string, Record<string, unknown>>

/** A row as SQLite keeps it: numbers, text and null. */
export type RawRow = Record<string, unknown>

export type Column = string | number | null

export type Run = (sql: string, parameters?: readonly unknown[]) => RawRow[]

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A file that is open, and keeps what it has prepared. */
export class Connection extends Sqlite {
  readonly #statements = new Map<string, Sqlite.Statement>()

  constructor(file: string, readonly: boolean) {
    // Only this process writes. Another program that holds the file must not stop the event loop for long.
    super(file, { readonly, timeout: 200 })
  }

  statement(sql: string): Sqlite.Statement {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    const statement = this.prepare(sql)
    // An open cursor would keep the connection from writing between two rows of a stream.
    statement.iterate = (...parameters) => statement.all(...parameters).values()
    if (this.#statements.size >= 1000) this.#statements.clear()
    this.#statements.set(sql, statement)
    return statement
  }

  readonly run: Run = (sql, parameters = []) => {
    const statement = this.statement(sql)
    if (statement.reader) return statement.all(parameters) as RawRow[]
    statement.run(parameters)
    return []
  }
}

class Adapter extends SqliteAdapter {
  // A statement runs to its end before anything else does, so nobody has to wait for the connection.
  override get supportsMultipleConnections() {
    return true
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
  const dialect = new SqliteDialect({ database })
  dialect.createAdapter = () => new Adapter()
  return new Kysely({ dialect })
}

export function openConnections(file: string) {
  let writer: Connection | undefined
  try {
    makeFolder(dirname(file))
    closeSync(openSync(file, 'a', 0o600)) // SQLite gives its side files the same mode
    writer = new Connection(file, false)
    prepareFile(writer, file)
    return { writer, reader: new Connection(file, true) }
  } catch (error) {
    writer?.close()
    throw dataError(file, error)
  }
}

export function makeFolder(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

function prepareFile(writer: Connection, file: string) {
  const pragma = (name: string) => writer.pragma(name, { simple: true })
  const ours = pragma('application_id') === applicationId
  const found = ours ? Number(pragma('user_version')) : layout
  if (found > layout) {
    throw localappError(
      'LOCALAPP_DATA_NEWER',
      `The data file ${file} was written by a newer localapp.`,
      'Update localapp, or name another data folder with --data.',
    )
  }
  if (!ours && writer.run('select 1 from sqlite_master').length > 0) {
    throw notOurs(file, 'is a database of another program')
  }
  writer.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
  if (ours) return
  writer.exec(`
    begin immediate;
    create table _schema (name text primary key, value text not null) strict;
    pragma application_id = ${applicationId};
    pragma user_version = ${layout};
    commit`)
}

/** Says in words what a code of SQLite or of the system means for a data file; other errors stay as they are. */
export function dataError(file: string, error: unknown): unknown {
  const { code = '', message } = Object(error)
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return notOurs(file, 'is not a database, or is damaged', error)
  const refusal = (as: ErrorCode, what: string, fix: string) =>
    localappError(as, `The data file ${file} ${what}.`, fix, error)
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') {
    const what = 'Another record refers to one of these, or one of these to a record that is gone.'
    return localappError('LOCALAPP_CONFLICT', what, 'Change what refers first.', error)
  }
  if (/^SQLITE_BUSY/.test(code)) {
    const what = 'is being written by another program'
    return refusal('LOCALAPP_DATA_BUSY', what, 'Close that program and try again.')
  }
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)$/.test(code)) {
    const what = 'cannot grow, because the disk is full: nothing was written'
    return refusal('LOCALAPP_DATA_FULL', what, 'Make room on the disk and try again.')
  }
  if (/^(SQLITE_(CANTOPEN|IOERR|PERM|READONLY)|E[A-Z]+$)/.test(code)) {
    const fix = 'Give yourself the right to write to its folder, or name another one with --data.'
    return refusal('LOCALAPP_DATA_READ_ONLY', `cannot be written: ${message}`, fix)
  }
  return error
}

function notOurs(file: string, what: string, cause?: unknown): Error {
  const fix = 'Move it away or put a backup in its place, or name another data folder with --data.'
  return localappError('LOCALAPP_DATA_NOT_A_DATABASE', `The data file ${file} ${what}.`, fix, cause)
}
