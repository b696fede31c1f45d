import type { AppHandle } from '@localapp/core'

/** One record that an action created or changed. */
export interface Changed {
  readonly id: number
  readonly table: string
  readonly key: number
  readonly isNew: boolean
  /** Its columns as they are now. */
  readonly record: Readonly<Record<string, unknown>>
  readonly turn: string
  readonly isUsers: boolean
}

const prefix = 'trigger:'

/** The turn of what a trigger does tells which triggers led to it. */
export function turnOf(chain: readonly number[], unique: string): string {
  return `${prefix}${chain.join('.')}:${unique}`
}

/** The triggers that led to what was done in a turn. */
export function chainOf(turn: string): number[] {
  if (!turn.startsWith(prefix)) return []
  return (turn.slice(prefix.length).split(':')[0] ?? '').split('.').map(Number)
}

/** The newest change that the journal knows of. */
export async function newestChange({ db }: AppHandle): Promise<number> {
  const [found] = await db
    .selectFrom('localapp_change')
    .select(({ fn }) => fn.max('id').as('newest'))
    .execute()
  return Number(found?.newest ?? 0)
}

/** What actions created or changed since; an undo is neither. Read from the journal's tables, in the order of the changes. */
export async function changesAfter({ db }: AppHandle, after: number): Promise<Changed[]> {
  const rows = await db
    .selectFrom('localapp_change as change')
    .innerJoin('localapp_entry as entry', 'entry.id', 'change.entry')
    .select(['change.id', 'change.table', 'change.key', 'change.before', 'change.after'])
    .select(['entry.turn', 'entry.actor'])
    .where('change.id', '>', after)
    .where('change.after', 'is not', null)
    .where('entry.plugin', '!=', 'journal')
    .orderBy('change.id')
    .execute()
  return rows.map((row) => ({
    id: Number(row.id),
    table: String(row.table),
    key: Number(row.key),
    isNew: row.before === null,
    record: JSON.parse(String(row.after)) as Record<string, unknown>,
    turn: String(row.turn),
    isUsers: row.actor === 'user',
  }))
}
