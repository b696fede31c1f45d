import { type LocalappError, localappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import { t } from '../field/t.ts'
import type { Transaction } from '../storage/storage.ts'
import { defineTable, type Stored, type Table, type TableReader } from '../storage/table.ts'
import { type Deed, type FieldsOf, type Told, tell, toldFields } from './journal.ts'

interface Card extends Told {
  readonly title: string
  readonly recordVersion: number | null
}

/** Calls that wait for the user's word. */
export const approvals: Table<FieldsOf<Card>> = defineTable('localapp_approval', {
  ...toldFields,
  title: t.text({ max: 10_000 }),
  recordVersion: t.integer({ optional: true }),
})

export interface Approval extends Card {
  readonly id: number
}

/** Writes the card: exactly this call, on exactly this version of the record. */
export function ask(tx: Transaction, deed: Deed): Approval {
  const { title, record } = deed.action
  const row = recordOf(tx, deed)
  return tx.table(approvals).insert({
    ...tell(deed),
    title: row ? `${title}: ${record?.label(row)}` : title,
    recordVersion: row?.version ?? null,
  })
}

/**
 * Uses an approval up, inside the transaction that does what it allows.
 * Throws `LOCALAPP_APPROVAL_GONE` when it was answered before or its record has changed since it was asked for.
 */
export function claim(tx: Transaction, deed: Deed, id: number): void {
  const { title, recordVersion } = takeCard(tx, id)
  const version = recordOf(tx, deed)?.version ?? null
  if (version !== recordVersion) throw gone(`${title}: the record has changed since this was asked for.`)
}

/** What waits for an answer. Throws `LOCALAPP_APPROVAL_GONE` when that has been given. */
export function cardOf(cards: TableReader<FieldsOf<Card>>, id: number): Approval {
  const found = cards.find(id)
  if (!found) throw gone('This was answered already.')
  return found
}

/** Takes a card away: it is answered once. */
export function takeCard(tx: Transaction, id: number): Approval {
  const cards = tx.table(approvals)
  const found = cardOf(cards, id)
  cards.delete(id)
  return found
}

function gone(what: string): LocalappError {
  return localappError('LOCALAPP_APPROVAL_GONE', what, 'Look at the record, then ask for it again.')
}

function recordOf(tx: Transaction, { action: { record }, input }: Deed): Stored<Fields> | undefined {
  return record && tx.table(record.table).get(record.id(input))
}
