import { type Fields, InvalidInput, type TableWriter } from '@localapp/core'
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'

type Records = TableWriter<Fields>

/**
 * The column of a manual order. Keys are compared as text, those that are equal by id. About every sixth drop into one
 * and the same gap makes a key one letter longer.
 */
export const rank = 'rank'

/** The key of records from before the order was manual: some valid one. */
export const firstRank = 'a0'

/** The key of a place above all records. */
export function rankOnTop(records: Records): string {
  const [first] = records.all({ order: [[rank, 'asc'] as const], limit: 1 })
  return generateKeyBetween(null, first ? String(first.rank) : null)
}

/** The key for record `id` right below the record `after` or, without one, right above the record `before`. */
export function rankBeside(
  records: Records,
  id: number,
  after: number | null,
  before: number | null,
): string {
  const beside = after ?? before
  if (beside === null) throw new InvalidInput({ after: 'Say which record it comes after, or before.' })
  const place = String(records.get(beside).rank)
  const direction = after === null ? 'desc' : 'asc'
  const next = records
    .all({
      where: [[rank, after === null ? '<=' : '>=', place]],
      order: [[rank, direction] as const, ['id', direction] as const],
      limit: 3,
    })
    .find((each) => each.id !== beside && each.id !== id)
  const end = next ? String(next.rank) : null
  if (end !== place) return after === null ? generateKeyBetween(end, place) : generateKeyBetween(place, end)
  spread(records, place)
  return rankBeside(records, id, after, before)
}

/** Gives each of the records at one place a key of its own. An undo, too, can bring a key back that is in use. */
function spread(records: Records, place: string): void {
  const neighbour = (operator: '<' | '>', direction: 'asc' | 'desc'): string | null => {
    const [found] = records.all({
      where: [[rank, operator, place]],
      order: [[rank, direction] as const],
      limit: 1,
    })
    return found ? String(found.rank) : null
  }
  const together = records.all({ where: [[rank, '=', place]] })
  const keys = generateNKeysBetween(neighbour('<', 'desc'), neighbour('>', 'asc'), together.length)
  for (const [index, { id }] of together.entries()) records.update(id, { rank: keys[index] })
}
