import type { Kysely } from 'kysely'
import { LocalappError, localappError } from '../error/error.ts'
import { type Fields, inWords, type Row } from '../field/field.ts'
import type { Database } from '../storage/connection.ts'
import type { RowChange, Stored, Table, TableReader, TableWriter } from '../storage/table.ts'

/**
 * What an action may do. `read` looks; `write` changes data and can be undone; `destructive` takes data away;
 * `external` reaches outside the data: files, the network, other programs.
 */
export type Effect = 'read' | 'write' | 'destructive' | 'external'

/** Who asks for an action. */
export interface Actor {
  readonly kind: keyof typeof actorNames
  /** Which model, program or plugin it is. */
  readonly name?: string
}

/** What the user calls those who act. */
export const actorNames = {
  user: 'You',
  model: 'The assistant',
  cli: 'The command line',
  program: 'A program',
  plugin: 'A plugin',
}

/** A sentence for each field that is not right. */
export type Messages = Readonly<Record<string, string>>

/** What every action is given. `db` reads; inside a `write` it is the transaction itself. */
export interface ReadContext {
  readonly db: Kysely<Database>
  readonly actor: Actor
  /** All that one request of the user set off shares a turn, and is undone by it. */
  readonly turn: string
  readonly signal: AbortSignal
  table<F extends Fields>(table: Table<F>): TableReader<F>
  /** Runs another action as a part of this one: same actor, same turn and, in a write, same transaction and journal entry. */
  call(id: string, input: unknown): Promise<unknown>
}

/** What a `write` or `destructive` action is given: everything happens in one transaction, or not at all. */
export interface WriteContext extends ReadContext {
  readonly tx: Kysely<Database>
  table<F extends Fields>(table: Table<F>): TableWriter<F>
  /** Takes one recorded change back. Throws `LOCALAPP_CHANGED_SINCE` when the record is no longer as the change left it. */
  restore(change: RowChange): void
}

/** What an `external` action is given: no transaction is open while it works outside; `commit` opens a short one. */
export interface ExternalContext extends ReadContext {
  commit<T>(work: (context: WriteContext) => T | Promise<T>): Promise<T>
}

/** The context that belongs to an effect. */
export type ContextOf<E extends Effect> = E extends 'read'
  ? ReadContext
  : E extends 'external'
    ? ExternalContext
    : WriteContext

/**
 * Declares an action: once, for the page, JSON, the model, the chat and the command line.
 *
 * @example
 * ```ts
 * action('rename', {
 *   effect: 'write',
 *   input: { id: t.integer(), title: t.text() },
 *   summary: ({ title }) => `Renamed to “${title}”`,
 *   run: ({ id, title }, { table }) => table(todos).update(id, { title }),
 * })
 * ```
 */
export interface ActionDeclaration<F extends Fields, E extends Effect, Output> {
  readonly effect: E
  /** A few words, as on a button; made from the name when left out. */
  readonly title?: string
  /** One sentence for the model, the API and the help of the command line. */
  readonly description?: string
  readonly input?: F
  /** Looks at all fields together, before anything is done; a sentence for a field refuses the call. */
  readonly check?: (input: Row<F>, context: ReadContext) => Messages | undefined
  readonly run: (input: Row<F>, context: ContextOf<E>) => Output | Promise<Output>
  /** What the journal and the toast say was done; the title when left out. */
  readonly summary?: (input: Row<F>, output: Awaited<Output>) => string
  /** The page of the app that a form leads to once this is done, as in `/word-count/3`. Default: it stays. */
  readonly to?: (output: Awaited<Output>) => string
  /** The record that the action is about: an approval names it and holds for this version of it alone. */
  readonly record?: RecordReference<F>
  /** Takes back what the table handles did not record: raw SQL, files, calls to other programs. */
  readonly undo?: (
    done: { input: Row<F>; output: Awaited<Output> },
    context: WriteContext,
  ) => void | Promise<void>
  /** After so many milliseconds a write is rolled back. Default 2000. */
  readonly limit?: number
  /** Refuses everyone but the user, and is no tool of a model. Default false. */
  readonly userOnly?: boolean
}

/** Points an action at one row of one table. */
export interface RecordReference<F extends Fields> {
  readonly table: Table
  readonly id: (input: Row<F>) => number
  readonly label: (row: Stored<Fields>) => string
}

/** A declared action as surfaces see it: types erased, names filled in. */
export interface Action extends Omit<ActionDeclaration<Fields, Effect, unknown>, 'run' | 'input' | 'title'> {
  /** `<plugin>.<name>`. */
  readonly id: string
  readonly plugin: string
  readonly name: string
  readonly title: string
  readonly input: Fields
  run(input: Row<Fields>, context: ExternalContext & WriteContext): unknown
}

/** What became of a call. Nothing is thrown: every surface translates these. */
export type Outcome =
  | { readonly status: 'done'; readonly output: unknown; readonly entry?: number; readonly summary?: string }
  | { readonly status: 'invalid'; readonly messages: Messages }
  | { readonly status: 'approval'; readonly approval: number; readonly title: string }
  | { readonly status: 'failed'; readonly error: LocalappError }

/** Names of plugins and actions: lower case, so that they are the same in an address, a command and a tool's name. */
export const namePattern: RegExp = /^[a-z][a-z0-9-]*$/

/** Input that is refused, with a sentence for each field. Throw it in `run` where `check` is too early. */
export class InvalidInput extends LocalappError {
  readonly messages: Messages

  constructor(messages: Messages) {
    super('LOCALAPP_INVALID', Object.values(messages).join(' '), 'Correct these fields.')
    this.messages = messages
  }
}

/** Turns a declaration into an {@link Action}. Throws `LOCALAPP_DECLARATION` for a name that cannot stand in an address. */
export function defineAction<F extends Fields, E extends Effect, Output>(
  plugin: string,
  name: string,
  declaration: ActionDeclaration<F, E, Output>,
): Action {
  if (!namePattern.test(name)) {
    throw localappError(
      'LOCALAPP_DECLARATION',
      `The action “${plugin}.${name}” has a name that cannot stand in an address.`,
      'Use lower-case letters, digits and dashes, beginning with a letter.',
    )
  }
  // The registry holds actions of all shapes; what goes in is decoded by this very declaration's fields.
  const erased = declaration as unknown as Action
  return {
    ...erased,
    id: `${plugin}.${name}`,
    plugin,
    name,
    title: declaration.title ?? inWords(name),
    input: declaration.input ?? {},
  }
}
