import { localappError } from '../error/error.ts'
import type { Field, Fields, Row } from '../field/field.ts'
import { t } from '../field/t.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import { defineTable, type Stored, type Table } from '../storage/table.ts'
import type { Action, Actor } from './action.ts'

type ApprovalFields = {
  readonly action: Field<string, 'required'>
  readonly actor: Field<'model' | 'cli' | 'program', 'required'>
  readonly actorName: Field<string | null, 'optional'>
  readonly turn: Field<string, 'required'>
  readonly input: Field<string, 'defaulted'>
  readonly title: Field<string, 'required'>
  readonly state: Field<'pending' | 'approved' | 'rejected' | 'gone', 'required'>
  readonly record: Field<number | null, 'optional'>
  readonly recordVersion: Field<number | null, 'optional'>
}

/** The table of what waits for the user's word. */
export const approvals: Table<ApprovalFields> = defineTable('localapp_approval', {
  action: t.text(),
  actor: t.pick(['model', 'cli', 'program']),
  actorName: t.text({ optional: true }),
  turn: t.text({ index: true }),
  input: t.longText({ max: 1_000_000_000 }),
  title: t.text({ max: 10_000 }),
  state: t.pick(['pending', 'approved', 'rejected', 'gone'], { index: true }),
  record: t.integer({ optional: true }),
  recordVersion: t.integer({ optional: true }),
})

/** A call that waits for the user's word. */
export type Approval = Stored<(typeof approvals)['fields']>

/** Whether the user has to be asked first. `granted`: it was the user who asked, or who has approved it. */
export function needsApproval(action: Action, granted: boolean): boolean {
  return !granted && (action.effect === 'destructive' || action.effect === 'external')
}

/** Writes the card: exactly this call, on exactly this version of the record. */
export function ask(
  tx: Transaction,
  action: Action,
  input: Row<Fields>,
  actor: Actor,
  turn: string,
): Approval {
  const row = recordOf(tx.table.bind(tx), action, input)
  return tx.table(approvals).insert({
    action: action.id,
    actor: actor.kind as Approval['actor'],
    actorName: actor.name ?? null,
    turn,
    input: JSON.stringify(input),
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
export function claim(tx: Transaction, action: Action, input: Row<Fields>, id: number): Approval {
  const approval = tx.table(approvals).get(id)
  if (approval.state !== 'pending') {
    throw localappError('LOCALAPP_APPROVAL_GONE', `This was ${approval.state} already.`, 'Ask for it again.')
  }
  const row = recordOf(tx.table.bind(tx), action, input)
  if ((row?.version ?? null) !== approval.recordVersion) {
    throw localappError(
      'LOCALAPP_APPROVAL_GONE',
      `${approval.title}: the record has changed since this was asked for.`,
      'Look at the record, then ask for it again.',
    )
  }
  return tx.table(approvals).update(id, { state: 'approved' })
}

/** Closes a card without doing what it asks for. */
export async function reject(storage: Storage, id: number, state: 'rejected' | 'gone'): Promise<Approval> {
  return await storage.write('reject', (tx) => {
    const approval = tx.table(approvals).get(id)
    if (approval.state !== 'pending') {
      throw localappError(
        'LOCALAPP_APPROVAL_GONE',
        `This was ${approval.state} already.`,
        'Ask for it again.',
      )
    }
    return tx.table(approvals).update(id, { state })
  })
}

function recordOf(
  table: <F extends Fields>(table: Table<F>) => { find(id: number): Stored<F> | undefined },
  action: Action,
  input: Row<Fields>,
): Stored<Fields> | undefined {
  if (!action.record) return undefined
  const id = action.record.id(input)
  const row = table(action.record.table).find(id)
  if (!row) {
    throw localappError(
      'LOCALAPP_NOT_FOUND',
      `${action.title}: there is no record ${id}.`,
      'Look up the id and try again.',
    )
  }
  return row
}
