import { type LocalappError, localappError } from '../error/error.ts'
import type { Fields, Row } from '../field/field.ts'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import { defineTable, type Stored, type Table } from '../storage/table.ts'
import type { Action, Actor } from './action.ts'
import { type FieldsOf, json } from './journal.ts'

interface Card {
  readonly action: string
  readonly actor: Actor['kind']
  readonly actorName: string | null
  readonly turn: string
  readonly input: unknown
  readonly title: string
  readonly state: 'pending' | 'approved' | 'rejected' | 'gone'
  readonly record: number | null
  readonly recordVersion: number | null
}

export const approvals: Table<FieldsOf<Card>> = defineTable('localapp_approval', {
  action: t.text(),
  actor: t.pick(['user', 'model', 'cli', 'program', 'plugin']),
  actorName: t.text({ optional: true }),
  turn: t.text({ index: true }),
  input: json(),
  title: t.text({ max: 10_000 }),
  state: t.pick(['pending', 'approved', 'rejected', 'gone'], { index: true }),
  record: t.integer({ optional: true }),
  recordVersion: t.integer({ optional: true }),
})

export interface Approval extends Card {
  readonly id: number
}

/** Whether the user has to be asked first. `granted`: it was the user who asked, or who has approved it. */
export function needsApproval({ effect }: Action, granted: boolean): boolean {
  return !granted && (effect === 'destructive' || effect === 'external')
}

/** Writes the card: exactly this call, on exactly this version of the record. */
export function ask(
  tx: Transaction,
  action: Action,
  input: Row<Fields>,
  actor: Actor,
  turn: string,
): Approval {
  const row = recordOf(tx, action, input)
  return tx.table(approvals).insert({
    action: action.id,
    actor: actor.kind,
    actorName: actor.name ?? null,
    turn,
    input,
    title: row ? `${action.title}: ${action.record?.label(row)}` : action.title,
    state: 'pending',
    record: row?.id ?? null,
    recordVersion: row?.version ?? null,
  })
}

/**
 * Uses an approval up, inside the transaction that does what it allows.
 * Throws `LOCALAPP_APPROVAL_GONE` when it was used before or its record has changed since it was asked for.
 */
export function claim(tx: Transaction, action: Action, input: Row<Fields>, id: number): void {
  const { title, recordVersion } = close(tx, id, 'approved')
  const version = recordOf(tx, action, input)?.version ?? null
  if (version !== recordVersion) throw gone(`${title}: the record has changed since this was asked for.`)
}

export async function reject(storage: Storage, id: number, state: 'rejected' | 'gone'): Promise<void> {
  await storage.write('reject', (tx) => close(tx, id, state))
}

function close(tx: Transaction, id: number, state: Approval['state']): Approval {
  const approval = tx.table(approvals).get(id)
  if (approval.state !== 'pending') throw gone(`This was ${approval.state} already.`)
  return tx.table(approvals).update(id, { state })
}

function gone(what: string): LocalappError {
  return localappError('LOCALAPP_APPROVAL_GONE', what, 'Look at the record, then ask for it again.')
}

function recordOf(tx: Transaction, { record }: Action, input: Row<Fields>): Stored<Fields> | undefined {
  return record && tx.table(record.table).get(record.id(input))
}
