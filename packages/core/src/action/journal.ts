import { type LocalappError, localappError } from '../error/error.ts'
import type { Fields, Row } from '../field/field.ts'
import { defineKind, good } from '../field/kind.ts'
import { t } from '../field/t.ts'
import { recordsOf } from '../storage/records.ts'
import type { OpenTransaction, Storage, Transaction } from '../storage/storage.ts'
import { defineTable, type RowChange, type Stored, type TableReader } from '../storage/table.ts'
import type { Action, Actor } from './action.ts'

/** What was decoded or read before, as it is. */
const json = defineKind<unknown>({ name: 'json', schema: { type: 'object' }, read: good })({ optional: true })

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
  summary: t.text(),
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

/** Writes an entry into the transaction that it tells of, with what that has changed: these are its `topics`. */
export function record(
  { run, changes, wroteRaw }: OpenTransaction,
  { action: { id: action, plugin, effect, title, undo }, input, actor, turn, approval }: Deed,
  { summary = title, ...became }: Pick<JournalEntry, 'state'> & Partial<JournalEntry>,
) {
  const { kind, name: actorName = null } = actor
  const deed = { action, plugin, effect, input, actor: kind, actorName, turn }
  const undoable = became.state === 'done' && (undo !== undefined || (changes.length > 0 && !wroteRaw))
  const entry = { ...deed, undoable, summary: summary.slice(0, 10_000), ...became }
  // Without images, for the journal's own rows are not what was changed.
  const table = recordsOf(run, entries)
  const written = approval === undefined ? table.insert(entry) : table.update(approval, entry)
  for (const change of changes) recordsOf(run, images).insert({ entry: written.id, ...change })
  return { ...written, topics: [...new Set([plugin, ...changes.map(({ table }) => table)])] }
}

/** Opens the journal of a workspace. Work that a killed process had begun did not come to its end: it says so. */
export async function openJournal(storage: Storage): Promise<Journal> {
  await storage.follow(entries)
  await storage.follow(images)
  await storage.write('close what was cut off', (tx) => {
    const table = tx.table(entries)
    const error = 'The app was stopped before this was done.'
    for (const { id } of table.all({ where: [['state', '=', 'begun']] }))
      table.update(id, { state: 'failed', error })
  })
  const { get, all } = storage.reader(entries)
  return {
    get,
    list({ limit = 100, turn, before = Number.MAX_SAFE_INTEGER } = {}) {
      const isOlder = ['id', '<', before] as const
      const where = turn === undefined ? [isOlder] : [isOlder, ['turn', '=', turn] as const]
      return all({ where, order: ['id', 'desc'], limit })
    },
    changes: (entry) =>
      storage.reader(images).all({ where: [['entry', '=', entry]] }) as unknown as RowChange[],
  }
}

/** What pages with cards are told of when one comes or goes. */
export const approvalTopic = 'localapp_approval'

/** Writes down what waits for the user's word: exactly this call, on exactly this version of the record. */
export function ask(tx: OpenTransaction, deed: Deed) {
  const { title, record: about } = deed.action
  const row = recordOf(tx, deed)
  const summary = row ? `${title}: ${about?.label(row)}` : title
  return record(tx, deed, { state: 'asked', summary, recordVersion: row?.version ?? null })
}

/**
 * Sees that a deed is what was asked for, inside the transaction that makes an entry of it and so uses the word up.
 * Throws `LOCALAPP_APPROVAL_GONE` when it was answered before or its record has changed since it was asked for.
 */
export function claim(tx: Transaction, deed: Deed) {
  if (deed.approval === undefined) return
  const { summary, recordVersion } = askedFor(tx.table(entries), deed.approval)
  const version = recordOf(tx, deed)?.version ?? null
  if (version !== recordVersion) throw gone(`${summary}: the record has changed since this was asked for.`)
}

/** What waits for an answer. Throws `LOCALAPP_APPROVAL_GONE` when that has been given. */
export function askedFor(journal: TableReader<typeof entries.fields>, id: number): JournalEntry {
  const entry = journal.find(id)
  if (entry?.state !== 'asked') throw gone('This was answered already.')
  return entry
}

function gone(what: string): LocalappError {
  return localappError('LOCALAPP_APPROVAL_GONE', what, 'Look at the record, then ask for it again.')
}

function recordOf(tx: Transaction, { action: { record }, input }: Deed): Stored<Fields> | undefined {
  return record && tx.table(record.table).get(record.id(input))
}
