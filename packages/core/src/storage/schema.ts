import { isDeepStrictEqual } from 'node:util'
import type { Migration } from 'kysely/migration'
import { localappError } from '../error/error.ts'
import type { Field } from '../field/field.ts'
import { quote, type Run } from './connection.ts'
import { emptyColumn } from './records.ts'
import { dropSearch, makeLinks, makeSearch } from './search.ts'
import type { OpenTransaction } from './storage.ts'
import type { Table } from './table.ts'

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
    const { index = false, search = false, was = '' } = field.options
    wanted.set(name, { kind: kindOf(field), requirement: field.requirement, index, search })
    wanted.delete(was)
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
  const isNew = (name: string) => !known.has(name) && !known.has(fields[name]?.options.was ?? '')
  for (const [gone, { kind, requirement }] of known) {
    if (!hasRows || requirement === 'gone' || wanted.get(gone)?.requirement !== 'gone') continue
    const heir = [...wanted.keys()].find((name) => isNew(name) && wanted.get(name)?.kind === kind)
    if (heir === undefined) continue
    const what = `Was “${gone}” of ${table} renamed to “${heir}”, or is one gone and the other new?`
    const renamed = `If renamed, give “${heir}” the option was: '${gone}'.`
    ask(what, `${renamed} If not, leave “${heir}” out, start once, and put it back.`)
  }
  dropSearch(run, table)
  // An index is named `table:field`, as no table can be. It cannot be there while its column is dropped.
  for (const name of known.keys()) {
    run(`drop index if exists ${quote(`${table}:${name}`)}`)
    dropSearch(run, `${table}:${name}`)
  }
  for (const [name, field] of Object.entries(fields)) {
    const { requirement, options, to } = field
    const { was = '', index } = options
    const column = quote(name)
    const kind = kindOf(field)
    let old = known.get(was)
    if (old && known.has(name)) {
      ask(
        `Which values of ${table} should stay, those of “${was}” or those of “${name}”? Both are there.`,
        `Take \`was\` away to keep “${name}”, with “${was}” hidden, or choose a new name for the field.`,
      )
    }
    if (old) run(`alter table ${at} rename column ${quote(was)} to ${column}`)
    known.delete(was)
    old ??= known.get(name)
    if (old && old.kind !== kind) {
      if (hasRows) {
        ask(
          `What should become of “${name}” of ${table}, which was declared as ${old.kind} and is ${kind} now?`,
          `Declare it as ${old.kind} again, or give the new field a name of its own.`,
        )
      }
      run(`alter table ${at} drop column ${column}`)
      old = undefined
    }
    const empty = emptyColumn(field)
    if (!old) {
      // Reaches the rows that are there, those written while the field is gone, and those that an undo brings back.
      const value = typeof empty === 'string' ? `'${empty.replaceAll("'", "''")}'` : empty
      run(`alter table ${at} add column ${column} ${field.column} default ${value}`)
    }
    if (old?.requirement !== requirement) {
      if (requirement === 'defaulted') run(`update ${at} set ${column} = ? where ${column} is null`, [empty])
      if (requirement === 'required') expectNoGap(run, table, name)
    }
    if (to) makeLinks(run, table, name, to)
    if (index) run(`create index ${quote(`${table}:${name}`)} on ${at} (${column})`)
  }
  makeSearch(
    run,
    table,
    Object.keys(fields).filter((name) => fields[name]?.options.search),
  )
  remember(run, `table ${table}`, [...wanted])
  return hasRows
}

function expectNoGap(run: Run, table: string, name: string) {
  const [found] = run(`select count(*) as count from ${quote(table)} where ${quote(name)} is null`)
  const gaps = Number(found?.count)
  if (gaps === 0) return
  const which = gaps === 1 ? 'the row' : `the ${gaps.toLocaleString('en')} rows`
  const what = `What should ${which} of ${table} have in “${name}”?`
  ask(what, 'Give the field a default or make it optional.')
}

function kindOf({ kind, to }: Field) {
  return freeText.includes(kind) ? 'text' : to ? `${kind} of ${to}` : kind
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
    throw localappError(
      'LOCALAPP_PLUGIN',
      `The plugin ${plugin} could not change its tables, in its migration “${name}”: ${reason}`,
      'Nothing was changed. Correct the migration and start again.',
      error,
    )
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

function recall<T>(run: Run, name: string): T | undefined {
  const [row] = run('select value from _schema where name = ?', [name])
  return row && JSON.parse(String(row.value))
}

function remember(run: Run, name: string, value: unknown) {
  run('insert or replace into _schema values (?, ?)', [name, JSON.stringify(value)])
}
