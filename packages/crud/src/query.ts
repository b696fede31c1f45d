import { type Database, type Field, type Fields, InvalidInput, searchOf, type Table } from '@localapp/core'
import {
  type Compilable,
  type CompiledQuery,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely'

/** A record as lists show it. */
export interface Listed {
  readonly id: number
  readonly version: number
  readonly [field: string]: unknown
}

/** Which records: `q` is searched for, `after` is the `more` of the page before, the rest are filters by field. */
export interface Selection {
  readonly q?: unknown
  readonly after?: unknown
  readonly [filter: string]: unknown
}

/** Its SQL depends on its shape alone, so that a query of the same shapes is compiled once. */
interface Condition {
  readonly shape: string
  readonly values: readonly unknown[]
  readonly where: RawBuilder<SqlBool>
}

type Column = string | number | null

/** No list counts further than this. */
export const countLimit = 1_000

/** The fields for which something holds. */
export function fieldsWith(fields: Fields, test: (field: Field, name: string) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name, field]) => test(field, name)))
}

/** Lists the records of a table: sought, filtered, in order, by key. */
export class ListQuery {
  readonly #table: Table
  readonly #sort: string | undefined
  readonly #fields: readonly (readonly [string, Field])[]
  readonly #columns: readonly string[]
  readonly #isSearched: boolean
  readonly #filters: readonly (readonly [string, Field])[]
  readonly #kept = new Map<string, CompiledQuery>()

  /** `sort` is the field to sort by, the smallest first; the newest come first without one. */
  constructor(table: Table, sort: string | undefined) {
    this.#table = table
    this.#sort = sort
    this.#fields = Object.entries(table.fields)
    this.#columns = ['id', 'version', ...Object.keys(table.fields)]
    this.#isSearched = Object.values(table.fields).some(({ options }) => options.search)
    this.#filters = Object.entries(fieldsWith(table.fields, ({ options }) => options.filter))
  }

  /** Up to `limit` records, and where to go on when there are more. */
  async page(
    db: Kysely<Database>,
    selection: Selection,
    limit: number,
  ): Promise<{ rows: Listed[]; more: string | null }> {
    const conditions = [...this.#conditions(selection), ...this.#after(selection.after)]
    const rows = await this.#run<Record<string, Column>>(db, 'page', conditions, limit + 1, (found) => {
      const selected = found.select(this.#columns)
      return this.#sort === undefined
        ? selected.orderBy('id', 'desc')
        : selected.orderBy(this.#sort).orderBy('id')
    })
    const last = rows.length > limit ? rows[limit - 1] : undefined
    const value = this.#sort === undefined ? null : last?.[this.#sort]
    const more = last ? `${last.id}${value === null ? '' : `~${value}`}` : null
    return { rows: rows.slice(0, limit).map((row) => this.#listed(row)), more }
  }

  /** How many there are, counted to one more than {@link countLimit}. */
  async count(db: Kysely<Database>, selection: Selection): Promise<number> {
    const conditions = this.#conditions(selection)
    const [row] = await this.#run<{ count: number }>(db, 'count', conditions, countLimit + 1, (found) =>
      db.selectFrom(found.select('id').as('found')).select(({ fn }) => fn.countAll().as('count')),
    )
    return Number(row?.count)
  }

  /** `build` makes the query called `name` of the rows for which the conditions hold. */
  async #run<R>(
    db: Kysely<Database>,
    name: string,
    conditions: readonly Condition[],
    limit: number,
    build: (found: SelectQueryBuilder<Database, string, object>) => Compilable,
  ): Promise<R[]> {
    const shape = [name, ...conditions.map(({ shape }) => shape)].join()
    let query = this.#kept.get(shape)
    if (!query) {
      const all = db.selectFrom(this.#table.name).limit(limit)
      query = build(conditions.reduce((found, { where }) => found.where(where), all)).compile()
      if (this.#kept.size < 500) this.#kept.set(shape, query)
    }
    const parameters = [...conditions.flatMap(({ values }) => values), limit]
    return (await db.executeQuery<R>({ ...query, parameters })).rows
  }

  #listed(row: Record<string, unknown>): Listed {
    for (const [name, field] of this.#fields) row[name] = field.fromColumn(row[name] as Column)
    return row as unknown as Listed
  }

  #conditions({ q, ...filters }: Selection): Condition[] {
    const conditions: Condition[] = []
    if (typeof q === 'string' && this.#isSearched) {
      const { where, words } = searchOf(this.#table.name, q)
      conditions.push({ shape: 'q', values: [words], where })
    }
    for (const [name, field] of this.#filters) {
      const value = filters[name]
      if (Array.isArray(value)) {
        for (const each of value)
          conditions.push(condition`exists (select 1 from json_each(${name}) where value = ${each})`)
      } else if (value !== undefined) conditions.push(condition`${name} is ${field.toColumn(value)}`)
    }
    return conditions
  }

  /** Nulls come first. */
  #after(cursor: unknown): Condition[] {
    if (typeof cursor !== 'string') return []
    const [, digits, text] = /^(\d{1,15})(?:~(.*))?$/s.exec(cursor) ?? []
    if (digits === undefined) throw new InvalidInput({ after: 'Take “more” of the page before.' })
    const id = Number(digits)
    const sort = this.#sort
    if (sort === undefined) return [condition`${'id'} < ${id}`]
    if (text === undefined) return [condition`(${sort} is not null or id > ${id})`]
    const value = this.#table.fields[sort]?.column === 'TEXT' ? text : Number(text)
    return [condition`(${sort}, id) > (${value}, ${id})`]
  }
}

/** The first thing in the template is the name of a column, the others are values. */
function condition(parts: TemplateStringsArray, column: string, ...values: unknown[]): Condition {
  return { shape: [column, ...parts].join(), values, where: sql(parts, sql.ref(column), ...values) }
}
