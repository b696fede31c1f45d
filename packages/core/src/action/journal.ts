import type { Field, Fields, Row } from '../field/field.ts'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import { defineTable, type RowChange, type Stored, type Table } from '../storage/table.ts'
import type { Action, Actor } from './action.ts'

const json = (): Field<string, 'defaulted'> => t.longText({ max: 1_000_000_000 })

type EntryFields = {
  readonly action: Field<string, 'required'>
  readonly plugin: Field<string, 'required'>
  readonly effect: Field<'write' | 'destructive' | 'external', 'required'>
  readonly actor: Field<Actor['kind'], 'required'>
  readonly actorName: Field<string | null, 'optional'>
  readonly turn: Field<string, 'required'>
  readonly state: Field<'begun' | 'done' | 'failed', 'required'>
  readonly input: Field<string, 'defaulted'>
  readonly output: Field<string, 'defaulted'>
  readonly summary: Field<string, 'required'>
  readonly error: Field<string, 'defaulted'>
  readonly undoable: Field<boolean, 'defaulted'>
  readonly undone: Field<boolean, 'defaulted'>
}

type ChangeFields = {
  readonly entry: Field<number, 'required'>
  readonly table: Field<string, 'required'>
  readonly key: Field<number, 'required'>
  readonly before: Field<string, 'defaulted'>
  readonly after: Field<string, 'defaulted'>
}

/** The journal's own table: an entry for each action that changed something or reached outside. */
export const entries: Table<EntryFields> = defineTable('localapp_entry', {
  action: t.text(),
  plugin: t.text(),
  effect: t.pick(['write', 'destructive', 'external']),
  actor: t.pick(['user', 'model', 'cli', 'program', 'plugin'], { index: true }),
  actorName: t.text({ optional: true }),
  turn: t.text({ index: true }),
  state: t.pick(['begun', 'done', 'failed']),
  input: json(),
  output: json(),
  summary: t.text({ max: 10_000 }),
  error: json(),
  undoable: t.bool(),
  undone: t.bool(),
})

/** Row images: what each entry changed, in the order in which it was changed. */
export const changes: Table<ChangeFields> = defineTable('localapp_change', {
  entry: t.integer({ index: true }),
  table: t.text(),
  key: t.integer(),
  before: json(),
  after: json(),
})

/** The tables that the journal keeps. */
export const journalTables: readonly Table[] = [entries, changes]

type EntryRow = Stored<(typeof entries)['fields']>

/** One line of the journal: who did what, when, and whether it can be taken back. */
export interface JournalEntry
  extends Omit<EntryRow, 'input' | 'output' | 'version' | 'updatedAt' | 'effect'> {
  readonly effect: string
  readonly input: unknown
  readonly output: unknown
}

/** Reads and writes the journal. Writing happens inside the transaction of what it tells of. */
export interface Journal {
  get(id: number): JournalEntry
  /** The newest entries, newest first. Default 100. */
  list(options?: { limit?: number; turn?: string; before?: number }): JournalEntry[]
  /** The row images of an entry, oldest first. */
  changes(entry: number): RowChange[]
}

/** What {@link record} writes down. */
export interface Deed {
  readonly action: Action
  readonly actor: Actor
  readonly turn: string
  readonly input: Row<Fields>
  readonly output?: unknown
  readonly summary: string
  readonly state: 'begun' | 'done'
  readonly undoable: boolean
}

/** Writes an entry and the row images so far into the transaction that made them; returns the entry's id. */
export function record(tx: Transaction, deed: Deed): number {
  const made = [...tx.changes]
  const entry = tx.table(entries).insert({
    action: deed.action.id,
    plugin: deed.action.plugin,
    effect: deed.action.effect as 'write',
    actor: deed.actor.kind,
    actorName: deed.actor.name ?? null,
    turn: deed.turn,
    state: deed.state,
    input: stringify(deed.input),
    output: stringify(deed.output),
    summary: deed.summary.slice(0, 10_000),
    undoable: deed.undoable,
  })
  recordChanges(tx, entry.id, made)
  return entry.id
}

/** Writes row images down under an entry. */
export function recordChanges(tx: Transaction, entry: number, made: readonly RowChange[]): void {
  const table = tx.table(changes)
  for (const change of made) {
    // An approval is used up for good: no undo gives it back.
    if (change.table === 'localapp_approval') continue
    table.insert({
      entry,
      table: change.table,
      key: change.key,
      before: stringify(change.before),
      after: stringify(change.after),
    })
  }
}

/** Opens the journal of a workspace for reading. */
export function openJournal(storage: Storage): Journal {
  const reader = storage.reader(entries)
  const images = storage.reader(changes)
  return {
    get: (id) => entryOf(reader.get(id)),
    list: ({ limit = 100, turn, before } = {}) =>
      reader
        .all({
          where: [
            ...(turn === undefined ? [] : [['turn', '=', turn] as const]),
            ...(before === undefined ? [] : [['id', '<', before] as const]),
          ],
          order: [['id', 'desc']],
          limit,
        })
        .map(entryOf),
    changes: (entry) =>
      images
        .all({ where: [['entry', '=', entry]], order: [['id', 'asc']] })
        .map(({ table, key, before, after }) => ({
          table,
          key,
          before: parse(before) as RowChange['before'],
          after: parse(after) as RowChange['after'],
        })),
  }
}

function entryOf({
  input,
  output,
  version: _version,
  updatedAt: _updatedAt,
  ...row
}: EntryRow): JournalEntry {
  return { ...row, effect: row.effect, input: parse(input), output: parse(output) }
}

const stringify = (value: unknown): string => JSON.stringify(value) ?? ''
const parse = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))
