import { type Action, type AppHandle, type Fields, labelOf, localappError, type Table } from '@localapp/core'

/** A CRUD plugin as import and export see it. */
export interface Target {
  readonly name: string
  readonly title: string
  readonly table: Table
  readonly create: Action
  readonly update: Action
  readonly list: Action
}

/** All plugins with a table and the actions that go with it. */
export function targets(app: AppHandle): Target[] {
  return app.plugins().flatMap(({ name, title, plugin }) => {
    const table = (plugin as { table?: Table } | undefined)?.table
    const [create, update, list] = ['create', 'update', 'list'].map((each) =>
      app.actions.get(`${name}.${each}`),
    )
    return table && create && update && list ? [{ name, title, table, create, update, list }] : []
  })
}

/** Throws `LOCALAPP_NOT_FOUND` where there is no such plugin. */
export function targetOf(app: AppHandle, name: string): Target {
  const all = targets(app)
  const found = all.find((each) => each.name === name)
  if (found) return found
  const known = all.map((each) => each.name).join(', ')
  throw localappError(
    'LOCALAPP_NOT_FOUND',
    `There is no CRUD plugin “${name}”.`,
    `There are: ${known || 'none'}.`,
  )
}

/** The field that each column is for, by its name or its label; `-` where there is none. */
export function matched(columns: readonly string[], fields: Fields): string[] {
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const names = ['id', ...Object.keys(fields)]
  const taken = new Set<string>()
  return columns.map((column) => {
    const wanted = plain(column)
    const found = names.find((name) => {
      const field = fields[name]
      return !taken.has(name) && (plain(name) === wanted || (field && plain(labelOf(name, field)) === wanted))
    })
    if (found) taken.add(found)
    return found ?? ignored
  })
}

/** Stands for the field of a column that is left out. */
export const ignored = '-'
