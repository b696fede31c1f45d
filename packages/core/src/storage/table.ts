import { localappError } from '../error/error.ts'
import type { Fields, Input, Row } from '../field/field.ts'
import type { Column, RawRow } from './connection.ts'

/** A table that follows its fields: a column for each of them, beside `id`, `version`, `createdAt` and `updatedAt`. */
export interface Table<F extends Fields = Fields> {
  readonly name: string
  readonly fields: F
}

/**
 * A stored record. `id` is never used again, `version` counts its writes from 1, and the times are ISO strings
 * in UTC.
 */
export type Stored<F extends Fields> = Row<F> & {
  id: number
  version: number
  createdAt: string
  updatedAt: string
}

/** One row before and after a write, as the columns hold it. */
export interface RowChange {
  table: string
  key: number
  before: RawRow | null
  after: RawRow | null
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='
type EntryOf<Value> = unknown extends Value ? unknown : Value extends readonly (infer Entry)[] ? Entry : never

/**
 * `['done', '=', false]`, or `['tags', 'has', 'shop']` for a list. Null equals null, and nothing is greater or less
 * than null.
 */
export type Condition<F extends Fields> = {
  [C in keyof Stored<F> & string]:
    | readonly [C, Operator, Stored<F>[C]]
    | readonly [C, 'in', readonly Stored<F>[C][]]
    | readonly [C, 'has', EntryOf<Stored<F>[C]>]
}[keyof Stored<F> & string]

/** Which rows, and in which order. Default: all, by id. */
export interface Selection<F extends Fields> {
  /** All of these hold. */
  readonly where?: readonly Condition<F>[]
  /** The fields with the option `search` hold all of these words, or words that begin so, whatever their case and accents. */
  readonly search?: string
  /** Rows that are equal in it come by id. Null is the least. */
  readonly order?: readonly [keyof Stored<F> & string, 'asc' | 'desc']
  /** Only what comes after a row: its id, and what its column holds that the order is by. */
  readonly after?: readonly [id: number, value?: Column]
  readonly limit?: number
}

/** Reads the records of a table. */
export interface TableReader<F extends Fields> {
  /** Throws `LOCALAPP_NOT_FOUND` when there is no such record. */
  get(id: number): Stored<F>
  find(id: number): Stored<F> | undefined
  all(selection?: Selection<F>): Stored<F>[]
  /** Counts no further than `limit`. */
  count(selection?: Selection<F>): number
}

/** Writes the records of a table inside a transaction. Each write raises the record's version by one. */
export interface TableWriter<F extends Fields> extends TableReader<F> {
  /** Values are taken as decoded; defaults are filled in. */
  insert(input: Input<F>): Stored<F>
  /** Throws `LOCALAPP_NOT_FOUND`, and `LOCALAPP_CONFLICT` when the record's version is not the one given. */
  update(id: number, patch: Partial<Row<F>>, options?: { version?: number }): Stored<F>
  /** Returns what was deleted. Throws as `update` does. */
  delete(id: number, options?: { version?: number }): Stored<F>
}

export const ownColumns: readonly string[] = ['id', 'version', 'createdAt', 'updatedAt']

/**
 * Declares a table. Throws `LOCALAPP_DECLARATION` for a name that cannot be a table or a column.
 *
 * @example
 * ```ts
 * const books = defineTable('books', { title: t.text(), read: t.bool() })
 * ```
 */
export function defineTable<F extends Fields>(name: string, fields: F): Table<F> {
  expectName(name, 'a table', name.startsWith('sqlite_') ? [name] : [])
  const names = Object.keys(fields)
  for (const [index, field] of names.entries()) {
    const taken = [...ownColumns, ...names.slice(0, index), ...Object.getOwnPropertyNames(Object.prototype)]
    expectName(field, `a field of ${name}`, taken)
    const { was } = fields[field]?.options ?? {}
    if (was !== undefined) expectName(was, `what “${field}” of ${name} was`, names)
  }
  return { name, fields }
}

function expectName(name: string, what: string, taken: readonly string[]) {
  // SQLite does not tell “a” from “A” in a name.
  const isTaken = taken.some((other) => other.toLowerCase() === name.toLowerCase())
  if (/^[a-z][a-z0-9_]*$/i.test(name) && !isTaken) return
  throw localappError(
    'LOCALAPP_DECLARATION',
    `“${name}” cannot name ${what}${isTaken ? ', because it is taken' : ''}.`,
    'Choose another name: letters, digits and _, a letter first.',
  )
}
