import type { Fields, Row } from '../field/field.ts'
import { bad, defineKind, good } from '../field/kind.ts'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import { defineTable, type RowChange, type Stored } from '../storage/table.ts'
import type { Action, Actor } from './action.ts'

const json = defineKind<unknown>({
  name: 'json',
  schema: { type: 'object' },
  read: (raw, source, label) => (source === 'json' ? good(raw) : bad(`${label} must be JSON.`)),
})({ optional: true })

const fields = {
  action: t.text(),
  plugin: t.text(),
  effect: t.pick(['read', 'write', 'destructive', 'external']),
  actor: t.pick(['user', 'model', 'cli', 'program', 'plugin']),
  actorName: t.text({ optional: true }),
  /** All that one request of the user sets off has the same. */
  turn: t.text({ index: true }),
  input: json,
  /** `asked` waits for the user's word. Nothing was done of what they `rejected`, or what was `refused` on their yes. */
  state: t.pick(['asked', 'rejected', 'refused', 'begun', 'done', 'failed'], { index: true }),
  output: json,
  summary: t.text({ max: 10_000 }),
  error: t.longText(),
  /** Of the record that the user is asked about: the word holds for this version alone. */
  recordVersion: t.integer({ optional: true }),
  /** Whether there is a way back. */
  undoable: t.bool(),
  undone: t.bool(),
}

/** The journal's own table: an entry for each action that changed something, reached outside, or was asked for. */
export const entries = defineTable('localapp_entry', fields)

/** One line of the journal: who did what, when, and whether it can be taken back. */
export type JournalEntry = Stored<typeof fields>

/** Row images: what each entry changed, in the order in which it was changed. */
const images = defineTable('localapp_change', {
  entry: t.integer({ index: true }),
  table: t.text(),
  key: t.integer(),
  before: json,
  after: json,
})

/** The tables that the journal keeps. */
export const journalTables = [entries, images] as const

/** Who does what, as an action on its way is called. */
export interface Deed {
  readonly action: Action
  readonly input: Row<Fields>
  readonly actor: Actor
  readonly turn: string
  /** The entry that asked for it, which becomes its entry. */
  readonly approval?: number | undefined
}

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
  { action: { id: action, plugin, effect }, input, actor, turn, approval }: Deed,
  became: Pick<JournalEntry, 'state' | 'summary'> & Partial<JournalEntry>,
  made: readonly RowChange[] = [],
) {
  const { kind, name: actorName = null } = actor
  const deed = { action, plugin, effect, input, actor: kind, actorName, turn }
  const entry = { ...deed, ...became, summary: became.summary.slice(0, 10_000) }
  const table = tx.table(entries)
  const { id } = approval === undefined ? table.insert(entry) : table.update(approval, entry)
  recordChanges(tx, id, made)
  return id
}

/** Writes row images down under an entry. */
export function recordChanges(tx: Transaction, entry: number, made: readonly RowChange[]) {
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
        order: ['id', 'desc'],
        limit,
      }),
    changes: (entry) =>
      storage.reader(images).all({ where: [['entry', '=', entry]] }) as unknown as RowChange[],
  }
}

/** Work that a killed process had begun did not come to its end: the journal says so. */
export async function closeCutOff(storage: Storage) {
  const begun = storage.reader(entries).all({ where: [['state', '=', 'begun']] })
  if (begun.length === 0) return
  const error = 'The app was stopped before this was done.'
  await storage.write('close what was cut off', (tx) => {
    for (const { id } of begun) tx.table(entries).update(id, { state: 'failed', error })
  })
}
