import { quote, type Run } from './connection.ts'

/** The name of a table's full-text index, which no table can have. */
const nameOf = (table: string) => `${table}:search`

/** Takes the full-text index of a table away. It cannot be there while a column of it changes its name. */
export function dropSearch(run: Run, table: string) {
  for (const event of ['insert', 'delete', 'update'])
    run(`drop trigger if exists ${quote(`${table}:${event}`)}`)
  run(`drop table if exists ${quote(nameOf(table))}`)
}

/** Makes the full-text index of a table over some columns. Triggers keep it in step, so that an undo does too. */
export function makeSearch(run: Run, table: string, names: readonly string[]) {
  if (names.length === 0) return
  const [at, index, columns] = [quote(table), quote(nameOf(table)), names.map(quote)]
  const valuesOf = (row: 'new' | 'old') => `${row}.id, ${columns.map((column) => `${row}.${column}`)}`
  const add = `insert into ${index}(rowid, ${columns}) values (${valuesOf('new')});`
  const remove = `insert into ${index}(${index}, rowid, ${columns}) values ('delete', ${valuesOf('old')});`
  run(`create virtual table ${index} using fts5(${columns}, content=${at}, content_rowid=id,
    tokenize='unicode61 remove_diacritics 2')`)
  run(`insert into ${index}(${index}) values ('rebuild')`)
  const events = { insert: ['', add], delete: ['', remove], update: [`of ${columns}`, remove + add] }
  for (const [event, [of, body]] of Object.entries(events))
    run(`create trigger ${quote(`${table}:${event}`)} after ${event} ${of} on ${at} begin ${body} end`)
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
