import { isDeepStrictEqual } from 'node:util'
import type { Migration } from 'kysely/migration'
import { localappError } from '../error/error.ts'
import type { Field } from '../field/field.ts'
import { quote, type Run } from './connection.ts'
import { emptyColumn } from './records.ts'
import { dropSearch, makeSearch } from './search.ts'
import type { Table } from './table.ts'
import type { OpenTransaction } from './transaction.ts'

/** What is remembered of a column; `requirement` is `gone` while no field declares it. */
interface Known {
  readonly kind: string
  readonly requirement: string
  readonly index: boolean
  readonly search: boolean
}

/** Kinds that differ in their control alone: what one holds, the other can. */
const freeText: readonly string[] = ['text', 'longText', 'markdown']

/** See `Storage.follow`. Returns whether there were rows in a table that it has changed. */
export function follow(run: Run, { name: table, fields }: Table) {
  const at = quote(table)
  const there = new Set(run('select name from pragma_table_info(?)', [table]).map(({ name }) => name))
  const remembered = recall<[string, Known][]>(run, `table ${table}`) ?? []
  const known = new Map(remembered.filter(([name]) => there.has(name)))
  const wanted = new Map<string, Known>()
  for (const [name, old] of known)
    wanted.set(name, { ...old, requirement: 'gone', index: false, search: false })
  for (const [name, field] of Object.entries(fields)) {
    const { requirement, options } = field
    const { index = false, search = false } = options
    wanted.set(name, { kind: kindOf(field), requirement, index, search })
  }
  if (there.size === 0) {
    run(`create table ${at} (id integer primary key autoincrement, version integer not null,
      "createdAt" text not null, "updatedAt" text not null) strict`)
  } else if (isDeepStrictEqual(known, wanted)) {
    return false
  } else if (known.size === 0) {
    const what = `What is the table ${table}? It is there already, and was not made from fields.`
    ask(what, 'Give one of the two another name.')
  }

  const hasRows = run(`select 1 from ${at} limit 1`).length > 0
  dropSearch(run, table)
  // An index is named `table:field`, as no table can be. It cannot be there while its column is dropped.
  for (const name of known.keys()) run(`drop index if exists ${quote(`${table}:${name}`)}`)
  for (const [name, { options }] of Object.entries(fields)) {
    const { was = '' } = options
    const old = known.get(was)
    if (!old) continue
    if (known.has(name)) {
      const what = `Which values of ${table} should stay, those of “${was}” or those of “${name}”? Both are there.`
      ask(
        what,
        `Take \`was\` away to keep “${name}”, with “${was}” hidden, or choose a new name for the field.`,
      )
    }
    run(`alter table ${at} rename column ${quote(was)} to ${quote(name)}`)
    known.set(name, old)
    known.delete(was)
    wanted.delete(was)
  }
  for (const [gone, { kind, requirement }] of known) {
    if (!hasRows || requirement === 'gone' || wanted.get(gone)?.requirement !== 'gone') continue
    const heir = [...wanted.keys()].find((name) => !known.has(name) && wanted.get(name)?.kind === kind)
    if (heir === undefined) continue
    const what = `Was “${gone}” of ${table} renamed to “${heir}”, or is one gone and the other new?`
    const renamed = `If renamed, give “${heir}” the option was: '${gone}'.`
    ask(what, `${renamed} If not, leave “${heir}” out, start once, and put it back.`)
  }
  for (const [name, field] of Object.entries(fields)) fit(run, table, name, field, known.get(name), hasRows)
  for (const [name, { index }] of wanted) {
    if (index) run(`create index ${quote(`${table}:${name}`)} on ${at} (${quote(name)})`)
  }
  const searched = [...wanted].filter(([, { search }]) => search)
  makeSearch(
    run,
    table,
    searched.map(([name]) => name),
  )
  remember(run, `table ${table}`, [...wanted])
  return hasRows
}

function fit(run: Run, table: string, name: string, field: Field, old: Known | undefined, hasRows: boolean) {
  const { requirement } = field
  const at = quote(table)
  const column = quote(name)
  const kind = kindOf(field)
  const isOther = old && old.kind !== kind
  if (isOther && hasRows) {
    const what = `What should become of “${name}” of ${table}, which was declared as ${old.kind} and is ${kind} now?`
    ask(what, `Declare it as ${old.kind} again, or give the new field a name of its own.`)
  }
  if (isOther) run(`alter table ${at} drop column ${column}`)
  const empty = emptyColumn(field)
  if (!old || isOther) {
    // Reaches the rows that are there, those written while the field is gone, and those that an undo brings back.
    const value = typeof empty === 'string' ? `'${empty.replaceAll("'", "''")}'` : empty
    run(`alter table ${at} add column ${column} ${field.column} default ${value}`)
  }
  if (old?.requirement === requirement) return
  if (requirement === 'defaulted') run(`update ${at} set ${column} = ? where ${column} is null`, [empty])
  if (requirement !== 'required') return
  const gaps = Number(run(`select count(*) as count from ${at} where ${column} is null`)[0]?.count)
  if (gaps === 0) return
  const which = gaps === 1 ? 'the row' : `the ${gaps.toLocaleString('en')} rows`
  const what = `What should ${which} of ${table} have in “${name}”?`
  ask(what, 'Give the field a default or make it optional.')
}

function kindOf({ kind }: Field) {
  return freeText.includes(kind) ? 'text' : kind
}

function ask(what: string, fix: string): never {
  throw localappError('LOCALAPP_SCHEMA_QUESTION', what, fix)
}

/** See {@link Storage.migrate}. Returns whether there were rows in the workspace that has changed. */
export async function migrate(
  { run, db }: OpenTransaction,
  plugin: string,
  migrations: Readonly<Record<string, Migration>>,
) {
  const done = recall<string[]>(run, `plugin ${plugin}`) ?? []
  const pending = Object.keys(migrations).filter((name) => !done.includes(name))
  if (pending.length === 0) return false
  const hadRows = hasRows(run)
  let name = done.find((each) => !(each in migrations))
  try {
    if (name !== undefined) throw new Error('It has run here before, and is gone now.')
    for (name of pending.sort()) await migrations[name]?.up(db)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what = `The plugin ${plugin} could not change its tables, in its migration “${name}”: ${reason}`
    const fix = 'Nothing was changed. Correct the migration and start again.'
    throw localappError('LOCALAPP_PLUGIN', what, fix, error)
  }
  remember(run, `plugin ${plugin}`, [...done, ...pending])
  return hadRows
}

function hasRows(run: Run) {
  const tables = run(
    "select name from sqlite_master where type = 'table' and name not glob '_*' and name not glob '*:*'",
  )
  return tables.some(({ name }) => run(`select 1 from ${quote(String(name))} limit 1`).length > 0)
}

/** What was remembered in the workspace under a name. */
function recall<T>(run: Run, name: string): T | undefined {
  const [row] = run('select value from _schema where name = ?', [name])
  return row && JSON.parse(String(row.value))
}

function remember(run: Run, name: string, value: unknown) {
  run('insert or replace into _schema values (?, ?)', [name, JSON.stringify(value)])
}
