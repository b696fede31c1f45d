import { quote, type Run } from './connection.ts'

/** The name of a table's full-text index, which no table can have. */
const nameOf = (table: string) => `${table}:search`

/** Takes the full-text index of a table away. It cannot be there while a column of it changes its name. */
export function dropSearch(run: Run, table: string) {
  for (const event of ['insert', 'delete', 'update'])
    run(`drop trigger if exists ${quote(`${table}:${event}`)}`)
  run(`drop table if exists ${quote(nameOf(table))}`)
}

/** Makes the full-text index of a table over some columns. */
export function makeSearch(run: Run, table: string, names: readonly string[]) {
  if (names.length === 0) return
  const [at, index, columns] = [quote(table), quote(nameOf(table)), names.map(quote)]
  const valuesOf = (row: 'new' | 'old') => `${row}.id, ${columns.map((column) => `${row}.${column}`)}`
  const add = `insert into ${index}(rowid, ${columns}) values (${valuesOf('new')});`
  const remove = `insert into ${index}(${index}, rowid, ${columns}) values ('delete', ${valuesOf('old')});`
  run(`create virtual table ${index} using fts5(${columns}, content=${at}, content_rowid=id,
    tokenize='unicode61 remove_diacritics 2')`)
  run(`insert into ${index}(${index}) values ('rebuild')`)
  keepInStep(run, table, at, columns, add, remove)
}

/** Has an index follow a table: by triggers, so that an undo does too. */
function keepInStep(run: Run, name: string, at: string, columns: unknown, add: string, remove: string) {
  const events = { insert: ['', add], delete: ['', remove], update: [`of ${columns}`, remove + add] }
  for (const [event, [of, body]] of Object.entries(events))
    run(`create trigger ${quote(`${name}:${event}`)} after ${event} ${of} on ${at} begin ${body} end`)
}

/** Makes the index of what a field refers to, with foreign keys. */
export function makeLinks(run: Run, table: string, field: string, to: string) {
  const name = `${table}:${field}`
  const parent = to.replaceAll('-', '_')
  const [at, index, column, target] = [quote(table), quote(nameOf(name)), quote(field), quote(parent)]
  run(`create table ${index} (id integer, target integer references ${target}(id) deferrable initially deferred,
    primary key (target, id)) strict, without rowid`)
  const add = `insert into ${index} select distinct new.id, value from json_each(new.${column});`
  const remove = `delete from ${index} where id = old.id and target in (select value from json_each(old.${column}));`
  keepInStep(run, name, at, column, add, remove)
  // What it refers to may come later, or have gone while the field was gone.
  if (run('select 1 from pragma_table_info(?)', [parent]).length > 0)
    run(`insert into ${index} select distinct ${at}.id, json_each.value from ${at}, json_each(${at}.${column})
      where json_each.value in (select id from ${target})`)
}

/** What holds for the rows that have all words of a text, and the parameter of that. */
export function found(table: string, text: string): [condition: string, words: string] {
  const index = quote(nameOf(table))
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? ['']
  return [
    `id in (select rowid from ${index} where ${index} match ?)`,
    words.map((word) => `"${word}"*`).join(' '),
  ]
}
