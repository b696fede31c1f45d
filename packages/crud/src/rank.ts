import { type Fields, InvalidInput, type TableWriter } from '@localapp/core'
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'

type Records = TableWriter<Fields>

/** The column of a manual order. Keys are compared as text, those that are equal by id. */
export const rank = 'rank'

/** Each drop into one gap makes its key longer; a key longer than this is not used. */
const longest = 60

/** The key of a place above all records. */
export function rankOnTop(records: Records): string {
  const [first] = records.all({ order: [[rank, 'asc'] as const, ['id', 'asc'] as const], limit: 1 })
  if (first?.rank === '') return rankBeside(records, 0, null, first.id)
  return generateKeyBetween(null, first ? String(first.rank) : null) // nothing is above it: no gap to fill
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
  if (place !== '' && end !== '' && place !== end) {
    const key = after === null ? generateKeyBetween(end, place) : generateKeyBetween(place, end)
    if (key.length <= longest) return key
  }
  spread(records, place)
  return rankBeside(records, id, after, before)
}

/** Gives short keys to the records around a place, and to more and more of them until the keys are short. */
function spread(records: Records, place: string): void {
  for (let reach = 100; ; reach *= 4) {
    const around = (operator: '<=' | '>', direction: 'asc' | 'desc') =>
      records.all({
        where: [[rank, operator, place]],
        order: [[rank, direction] as const, ['id', direction] as const],
        limit: reach,
      })
    const [above, below] = [around('<=', 'desc').reverse(), around('>', 'asc')]
    // The outermost keep their keys, unless they are the ends of the list.
    const start = above.length < reach ? null : String(above.shift()?.rank)
    const end = below.length < reach ? null : String(below.pop()?.rank)
    if (start === '') continue
    const moved = [...above, ...below]
    const keys = generateNKeysBetween(start, end, moved.length)
    if ((start !== null || end !== null) && keys.some((key) => key.length > longest / 2)) continue
    for (const [index, record] of moved.entries()) {
      const key = keys[index]
      if (key !== undefined && key !== record.rank) records.update(record.id, { rank: key })
    }
    return
  }
}
