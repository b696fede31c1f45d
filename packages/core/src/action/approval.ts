import { type LocalappError, localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import type { Transaction } from '../storage/storage.ts'
import type { Stored, TableReader } from '../storage/table.ts'
import { type Deed, entries, type JournalEntry, record } from './journal.ts'

/** What pages with cards are told of when one comes or goes. */
export const approvalTopic = 'localapp_approval'

/** Writes down what waits for the user's word: exactly this call, on exactly this version of the record. */
export function ask(tx: Transaction, deed: Deed): { id: number; summary: string } {
  const { title, record: about } = deed.action
  const row = recordOf(tx, deed)
  const summary = row ? `${title}: ${about?.label(row)}` : title
  return { summary, id: record(tx, deed, { state: 'asked', summary, recordVersion: row?.version ?? null }) }
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
