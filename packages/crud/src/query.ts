import { type Database, type Field, type Fields, InvalidInput, type Table } from '@localapp/core'
import { type CompiledQuery, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'

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

/** A condition whose SQL depends on its shape alone, so that a query of the same shapes is compiled once. */
interface Condition {
  readonly shape: string
  readonly values: readonly unknown[]
  readonly where: (eb: ExpressionBuilder<Database, string>) => ReturnType<typeof sql<SqlBool>>
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
  readonly #columns: readonly string[]
  readonly #fields: readonly (readonly [string, Field])[]
  readonly #searched: readonly string[]
  readonly #filters: readonly (readonly [string, Field])[]
  readonly #kept = new Map<string, CompiledQuery>()

  /** `sort` is the field to sort by, the smallest first; the newest come first without one. */
  constructor(table: Table, sort: string | undefined) {
    this.#table = table
    this.#sort = sort
    this.#fields = Object.entries(table.fields)
    this.#columns = ['id', 'version', ...Object.keys(table.fields)]
    this.#searched = Object.keys(fieldsWith(table.fields, ({ options }) => options.search))
    this.#filters = Object.entries(fieldsWith(table.fields, ({ options }) => options.filter))
  }

  /** Up to `limit` records, and where to go on when there are more. */
  async page(
    db: Kysely<Database>,
    selection: Selection,
    limit: number,
  ): Promise<{ rows: Listed[]; more: string | null }> {
    const after = this.#after(selection.after)
    const conditions = [...this.#conditions(selection), ...(after ? [after] : [])]
    const query = this.#compiled(`page ${limit}`, conditions, [limit + 1], () => {
      const selected = db
        .selectFrom(this.#table.name)
        .select(this.#columns)
        .limit(limit + 1)
      const found = conditions.reduce((query, { where }) => query.where(where), selected)
      return (
        this.#sort === undefined ? found.orderBy('id', 'desc') : found.orderBy(this.#sort).orderBy('id')
      ).compile()
    })
    const { rows } = await db.executeQuery<Record<string, Column>>(query)
    const last = rows.length > limit ? rows[limit - 1] : undefined
    const value = this.#sort === undefined ? null : last?.[this.#sort]
    const more = last ? `${last.id}${value === null ? '' : `~${value}`}` : null
    return { rows: rows.slice(0, limit).map((row) => this.#listed(row)), more }
  }

  /** How many there are, counted to one more than {@link countLimit}. */
  async count(db: Kysely<Database>, selection: Selection): Promise<number> {
    const conditions = this.#conditions(selection)
    const query = this.#compiled('count', conditions, [countLimit + 1], () => {
      const found = conditions.reduce(
        (query, { where }) => query.where(where),
        db
          .selectFrom(this.#table.name)
          .select('id')
          .limit(countLimit + 1),
      )
      return db
        .selectFrom(found.as('found'))
        .select(({ fn }) => fn.countAll().as('count'))
        .compile()
    })
    return Number((await db.executeQuery<{ count: number }>(query)).rows[0]?.count)
  }

  #compiled(
    name: string,
    conditions: readonly Condition[],
    values: readonly unknown[],
    build: () => CompiledQuery,
  ): CompiledQuery {
    const shape = [name, ...conditions.map((condition) => condition.shape)].join()
    const kept = this.#kept.get(shape) ?? build()
    if (this.#kept.size < 500) this.#kept.set(shape, kept)
    return { ...kept, parameters: [...conditions.flatMap((condition) => condition.values), ...values] }
  }

  #listed(row: Record<string, unknown>): Listed {
    for (const [name, field] of this.#fields) row[name] = field.fromColumn(row[name] as Column)
    return row as unknown as Listed
  }

  #conditions({ q, ...filters }: Selection): Condition[] {
    const conditions: Condition[] = []
    if (typeof q === 'string' && this.#searched.length > 0) {
      const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`
      const likes = this.#searched.map((name) => sql`${sql.ref(name)} like ${pattern} escape '\\'`)
      conditions.push({
        shape: 'q',
        values: likes.map(() => pattern),
        where: () => sql<SqlBool>`(${sql.join(likes, sql` or `)})`,
      })
    }
    for (const [name, field] of this.#filters) {
      const value = filters[name]
      const column = sql.ref(name)
      if (Array.isArray(value)) {
        for (const each of value) {
          const where = () => sql<SqlBool>`exists (select 1 from json_each(${column}) where value = ${each})`
          conditions.push({ shape: `${name} has`, values: [each], where })
        }
      } else if (value !== undefined) {
        const stored = field.toColumn(value)
        conditions.push({
          shape: `${name} is`,
          values: [stored],
          where: () => sql<SqlBool>`${column} is ${stored}`,
        })
      }
    }
    return conditions
  }

  /** Nulls come first. */
  #after(cursor: unknown): Condition | undefined {
    if (typeof cursor !== 'string') return undefined
    const [, digits, text] = /^(\d{1,15})(?:~(.*))?$/s.exec(cursor) ?? []
    const sort = this.#sort
    if (digits === undefined) throw new InvalidInput({ after: 'Take “more” of the page before.' })
    const id = Number(digits)
    if (sort === undefined) return { shape: 'after', values: [id], where: () => sql<SqlBool>`id < ${id}` }
    const column = sql.ref(sort)
    if (text === undefined) {
      const where = () => sql<SqlBool>`(${column} is not null or id > ${id})`
      return { shape: 'after null', values: [id], where }
    }
    const value = this.#table.fields[sort]?.column === 'TEXT' ? text : Number(text)
    return {
      shape: 'after',
      values: [value, id],
      where: () => sql<SqlBool>`(${column}, id) > (${value}, ${id})`,
    }
  }
}
