import type { Field, Fields, Row } from '../field/field.ts'
import { bad, defineKind, good } from '../field/kind.ts'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import { defineTable, type RowChange, type Table } from '../storage/table.ts'
import type { Action, Actor, Effect } from './action.ts'

/** The fields of records that are declared as a type. */
export type FieldsOf<Values> = { readonly [Name in keyof Values]: Field<Values[Name]> }

/** Who does what, as an action on its way is called. */
export interface Deed {
  readonly action: Action
  readonly input: Row<Fields>
  readonly actor: Actor
  /** All that one request of the user sets off has the same. */
  readonly turn: string
}

/** A {@link Deed} as it is stored. */
export interface Told {
  readonly action: string
  readonly actor: Actor['kind']
  readonly actorName: string | null
  readonly turn: string
  readonly input: unknown
}

interface Entry extends Told {
  readonly plugin: string
  readonly effect: Effect
  readonly state: 'begun' | 'done' | 'failed'
  readonly output: unknown
  readonly summary: string
  readonly error: string
  /** Whether there is a way back. */
  readonly undoable: boolean
  readonly undone: boolean
}

/** One line of the journal: who did what, when, and whether it can be taken back. */
export interface JournalEntry extends Entry {
  readonly id: number
  /** When it was done, as an ISO string in UTC. */
  readonly createdAt: string
}

interface Image extends Omit<RowChange, 'before' | 'after'> {
  readonly entry: number
  readonly before: unknown
  readonly after: unknown
}

const anyJson = defineKind<unknown>({
  name: 'json',
  schema: { type: 'object' },
  read: (raw, source, label) => (source === 'json' ? good(raw) : bad(`${label} must be JSON.`)),
})
const json = anyJson({ optional: true })

export const toldFields: FieldsOf<Told> = {
  action: t.text(),
  actor: t.pick(['user', 'model', 'cli', 'program', 'plugin']),
  actorName: t.text({ optional: true }),
  turn: t.text({ index: true }),
  input: json,
}

export function tell({ action, input, actor, turn }: Deed): Told {
  return { action: action.id, actor: actor.kind, actorName: actor.name ?? null, turn, input }
}

/** The journal's own table: an entry for each action that changed something or reached outside. */
export const entries: Table<FieldsOf<Entry>> = defineTable('localapp_entry', {
  ...toldFields,
  plugin: t.text(),
  effect: t.pick(['read', 'write', 'destructive', 'external']),
  state: t.pick(['begun', 'done', 'failed']),
  output: json,
  summary: t.text({ max: 10_000 }),
  error: t.longText(),
  undoable: t.bool(),
  undone: t.bool(),
})

/** Row images: what each entry changed, in the order in which it was changed. */
const images: Table<FieldsOf<Image>> = defineTable('localapp_change', {
  entry: t.integer({ index: true }),
  table: t.text(),
  key: t.integer(),
  before: json,
  after: json,
})

/** The tables that the journal keeps. */
export const journalTables: readonly Table[] = [entries, images]

/** Reads the journal. */
export interface Journal {
  /** Throws `LOCALAPP_NOT_FOUND`. */
  get(id: number): JournalEntry
  /** The newest entries, newest first. Default 100. */
  list(options?: { limit?: number; turn?: string; before?: number }): JournalEntry[]
  /** The row images of an entry, oldest first. */
  changes(entry: number): RowChange[]
}

/** Writes an entry into the transaction that it tells of, with what that changed; returns the entry's id. */
export function record(
  tx: Transaction,
  deed: Deed,
  became: Pick<Entry, 'state' | 'summary' | 'undoable' | 'output'>,
  made: readonly RowChange[],
): number {
  const { plugin, effect } = deed.action
  const summary = became.summary.slice(0, 10_000)
  const entry = { ...tell(deed), ...became, plugin, effect, summary, error: '', undone: false }
  const { id } = tx.table(entries).insert(entry)
  recordChanges(tx, id, made)
  return id
}

/** Writes row images down under an entry. */
export function recordChanges(tx: Transaction, entry: number, made: readonly RowChange[]): void {
  for (const change of made) tx.table(images).insert({ entry, ...change })
}

/** Opens the journal of a workspace for reading. */
export function openJournal(storage: Storage): Journal {
  const all = storage.reader(entries)
  return {
    get: (id) => all.get(id),
    list: ({ limit = 100, turn, before } = {}) =>
      all.all({
        where: [
          ...(turn === undefined ? [] : [['turn', '=', turn] as const]),
          ...(before === undefined ? [] : [['id', '<', before] as const]),
        ],
        order: [['id', 'desc']],
        limit,
      }),
    changes: (entry) =>
      storage.reader(images).all({ where: [['entry', '=', entry]] }) as unknown as RowChange[],
  }
}
