import { type Fields, InvalidInput, type TableWriter } from '@localapp/core'
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'

type Records = TableWriter<Fields>

/** The column of a manual order. Keys are compared as text, those that are equal by id. */
export const rank = 'rank'

/** The key of records from before the order was manual: some valid one. */
export const firstRank = 'a0'

export function rankOnTop(records: Records) {
  const [first] = records.all({ order: [rank, 'asc'], limit: 1 })
  return generateKeyBetween(null, first ? String(first.rank) : null)
}

/** The key for record `id` right below the record `after` or, without one, right above the record `before`. */
export function rankBeside(records: Records, id: number, after: number | null, before: number | null) {
  const beside = after ?? before
  if (beside === null) throw new InvalidInput({ after: 'Say which record it comes after, or before.' })
  const place = String(records.get(beside).rank)
  const [above, below] = [nearest(records, id, '<', place), nearest(records, id, '>', place)]
  const together = records.all({ where: [[rank, '=', place] as const, ['id', '!=', id] as const] })
  if (together.length <= 1)
    return after === null ? generateKeyBetween(above, place) : generateKeyBetween(place, below)
  // From before the order was manual, or brought back by an undo: each gets a key of its own.
  const keys = generateNKeysBetween(above, below, together.length)
  for (const [index, record] of together.entries()) records.update(record.id, { rank: keys[index] })
  return rankBeside(records, id, after, before)
}

function nearest(records: Records, id: number, side: '<' | '>', place: string): string | null {
  const [found] = records.all({
    where: [[rank, side, place] as const, ['id', '!=', id] as const],
    order: [rank, side === '<' ? 'desc' : 'asc'],
    limit: 1,
  })
  return found ? String(found.rank) : null
}
