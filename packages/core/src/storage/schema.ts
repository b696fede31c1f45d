import { type Compilable, type CompiledQuery, type Kysely, sql } from 'kysely'
import { type LocalappError, localappError } from '../error/error.ts'
import type { Field } from '../field/field.ts'
import { builder, type Database } from './connection.ts'
import { schemaLimit } from './migration.ts'
import { emptyColumn } from './records.ts'
import type { Storage } from './storage.ts'
import type { Table } from './table.ts'

/** Makes a table follow its fields; see {@link Storage.follow}. */
export async function follow(storage: Storage, table: Table): Promise<void> {
  const { queries, hasRows } = await planFor(storage.db, table)
  if (queries.length === 0) return
  if (hasRows) await storage.backup(`change-${table.name}`)
  const change = async (db: Kysely<Database>): Promise<void> => {
    const plan = await planFor(db, table) // again, for something may have been written since
    for (const query of plan.queries) await db.executeQuery(query)
  }
  await storage.write(`change ${table.name}`, (tx) => change(tx.db), { limit: schemaLimit })
}

/** What `_field` remembers of a column; `requirement` is `gone` while no field declares it. */
interface Known {
  readonly kind: string
  readonly requirement: string
}

/** Kinds that differ in their control alone: what one holds, the other can. */
const freeText: readonly string[] = ['text', 'longText', 'markdown']

async function planFor(
  db: Kysely<Database>,
  { name: table, fields }: Table,
): Promise<{ queries: CompiledQuery[]; hasRows: boolean }> {
  type Column = { name: string; type: string }
  const columns = await sql<Column>`select name, type from pragma_table_info(${table})`.execute(db)
  const types = new Map(columns.rows.map(({ name, type }) => [name, type]))
  const remembered = await db.selectFrom('_field').selectAll().where('table', '=', table).execute()
  const known = new Map(
    remembered
      .filter(({ field }) => types.has(String(field)))
      .map((row) => [String(row.field), row as unknown as Known]),
  )
  const isNew = types.size === 0
  if (!isNew && known.size === 0) {
    throw question(
      `What is the table ${table}? It is there already, and was not made from fields.`,
      'Give one of the two another name.',
    )
  }
  const entries = Object.entries(fields)
  const queries: Compilable[] = isNew ? [creation(table)] : []
  const alter = builder.schema.alterTable(table)

  const renamed = new Map<string, string>()
  const count = async (column: string, operator: 'is' | 'is not'): Promise<number> => {
    const rows = db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count'))
    return (await rows.where(renamed.get(column) ?? column, operator, null).executeTakeFirstOrThrow()).count
  }
  const rowCount = async (): Promise<number> => (isNew ? 0 : await count('id', 'is not'))
  const expectNone = (rows: number, name: string): void => {
    if (rows === 0) return
    const which = rows === 1 ? 'the row' : `the ${rows.toLocaleString('en')} rows`
    throw question(
      `What should ${which} of ${table} have in “${name}”?`,
      'Give the field a default or make it optional.',
    )
  }
  const remember = (field: string, { kind, requirement }: Known): void => {
    const row = builder.insertInto('_field').values({ table, field, kind, requirement })
    queries.push(row.onConflict((old) => old.columns(['table', 'field']).doUpdateSet({ kind, requirement })))
  }
  const add = (name: string, field: Field): void => {
    const empty = emptyColumn(field)
    // A default of the column reaches the rows that are there too, and those written while the field is gone.
    queries.push(
      alter.addColumn(name, sql.raw(field.column), (column) =>
        empty === null ? column : column.defaultTo(empty),
      ),
    )
  }

  for (const [name, { options }] of entries) {
    const was = options.was ?? ''
    const type = types.get(was)
    const old = known.get(was)
    if (!type || !old) continue
    if (types.has(name)) {
      if ((await count(was, 'is not')) === 0) continue
      throw question(
        `Which values of ${table} should stay, those of “${was}” or those of “${name}”? Both are there.`,
        `Take \`was\` away to keep “${name}”, with “${was}” hidden, or choose a new name for the field.`,
      )
    }
    queries.push(alter.renameColumn(was, name))
    queries.push(builder.deleteFrom('_field').where('table', '=', table).where('field', '=', was))
    remember(name, old)
    renamed.set(name, was)
    types.set(name, type)
    known.delete(was)
    known.set(name, old)
  }

  for (const [gone, { kind, requirement }] of known) {
    if (requirement === 'gone' || Object.hasOwn(fields, gone)) continue
    const heir = entries.find(([name, field]) => !types.has(name) && field.column === types.get(gone))?.[0]
    if (heir && (await rowCount()) > 0) {
      throw question(
        `Was “${gone}” of ${table} renamed to “${heir}”, or is one gone and the other new?`,
        `If renamed, give “${heir}” the option was: '${gone}'. If not, leave “${heir}” out, start once, and put it back.`,
      )
    }
    remember(gone, { kind, requirement: 'gone' })
  }

  for (const [name, field] of entries) {
    const { kind, requirement } = field
    const old = known.get(name)
    if (old?.kind === kind && old.requirement === requirement) continue
    if (!old) {
      if (requirement === 'required') expectNone(await rowCount(), name)
      add(name, field)
    } else if (old.kind !== kind && !(freeText.includes(old.kind) && freeText.includes(kind))) {
      if ((await rowCount()) > 0) {
        throw question(
          `What should become of “${name}” of ${table}, which was declared as ${old.kind} and is ${kind} now?`,
          `Declare it as ${old.kind} again, or give the new field a name of its own.`,
        )
      }
      queries.push(alter.dropColumn(name))
      add(name, field)
    } else if (requirement === 'required') {
      expectNone(await count(name, 'is'), name)
    } else if (requirement === 'defaulted') {
      const value = { [name]: emptyColumn(field) }
      queries.push(builder.updateTable(table).set(value).where(name, 'is', null))
    }
    remember(name, field)
  }

  // An index is named `table:field`, as no table can be. It cannot be there while its column is dropped.
  const indexes =
    await sql<Column>`select name from pragma_index_list(${table}) where name like '%:%'`.execute(db)
  const there = indexes.rows.map((index) => index.name)
  const indexed = entries.filter(([, { options }]) => options.index).map(([name]) => name)
  const wanted = indexed.map((name) => `${table}:${name}`)
  if (queries.length > 0 || there.sort().join() !== wanted.sort().join()) {
    queries.unshift(...there.map((index) => builder.schema.dropIndex(index)))
    for (const name of indexed) {
      queries.push(builder.schema.createIndex(`${table}:${name}`).on(table).column(name))
    }
  }
  return {
    queries: queries.map((query) => query.compile()),
    hasRows: queries.length > 0 && (await rowCount()) > 0,
  }
}

const creation = (table: string): Compilable =>
  builder.schema
    .createTable(table)
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('createdAt', 'text', (column) => column.notNull())
    .addColumn('updatedAt', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)

const question = (what: string, fix: string): LocalappError =>
  localappError('LOCALAPP_SCHEMA_QUESTION', what, fix)
