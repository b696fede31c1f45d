import {
  type Field,
  type Fields,
  InvalidInput,
  type Selection,
  type Table,
  type TableReader,
} from '@localapp/core'
import { conditionsOf } from './filter.ts'

export interface Listed {
  readonly id: number
  readonly version: number
  readonly [field: string]: unknown
}

type Order = readonly [by: string, way: 'asc' | 'desc']

/** What is listed, and in which order when nobody asks for another. */
export interface List {
  readonly table: Table
  readonly order: Order
}

/** Which records: by `q`, `sort`, `after` and filters. */
export type Query = Readonly<Record<string, unknown>>

export function orderOf({ order }: List, { sort }: Query): Order {
  if (typeof sort !== 'string' || sort === '') return order
  return sort.startsWith('-') ? [sort.slice(1), 'desc'] : [sort, 'asc']
}

export function fieldsWith(fields: Fields, option: 'search' | 'filter' | 'index') {
  return Object.entries(fields).filter(([, { options }]) => options[option])
}

/** Up to `limit` records, and where to go on when there are more. */
export function pageOf(records: TableReader<Fields>, list: List, query: Query, limit: number) {
  const [by] = orderOf(list, query)
  const { table } = list
  const rows = records.all({ ...selectionOf(list, query), limit: limit + 1 }) as Listed[]
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const value = last && table.fields[by]?.toColumn(last[by])
  const more = last ? `${last.id}${value === undefined || value === null ? '' : `~${value}`}` : null
  return { rows: rows.slice(0, limit), more }
}

export function countOf(records: TableReader<Fields>, list: List, query: Query, limit: number) {
  return records.count({ ...selectionOf(list, { ...query, after: undefined }), limit })
}

function selectionOf(list: List, query: Query): Selection<Fields> {
  const { q, after, limit: _, sort: __, ...filters } = query
  const order = orderOf(list, query)
  const where = Object.entries(filters).flatMap(([name, given]) => {
    const field = list.table.fields[name]
    return field && given !== undefined ? conditionsOf(name, field, given ?? '-') : []
  })
  return {
    where,
    order,
    ...(typeof q === 'string' && { search: q }),
    ...(typeof after === 'string' && { after: placeOf(after, list.table.fields[order[0]]) }),
  }
}

function placeOf(more: string, field: Field | undefined): [number, (string | number)?] {
  const [, digits, text] = /^(\d{1,15})(?:~(.*))?$/s.exec(more) ?? []
  if (digits === undefined) throw new InvalidInput({ after: 'Take “more” of the page before.' })
  const id = Number(digits)
  return text === undefined ? [id] : [id, field?.column === 'TEXT' ? text : Number(text)]
}
