import { type AppHandle, element, type Fields, option, type Selection } from '@localapp/core'
import type { Listed } from './query.ts'

/** Records by their ids, as forms call them: `Jane Austen #3`. */
function choicesOf(app: AppHandle, plugin: string, selection: Selection<Fields>) {
  const record = app.actions.get(`${plugin}.delete`)?.record
  const found = record ? app.reader(record.table).all(selection) : []
  return new Map<unknown, string>(found.map((row) => [row.id, `${record?.label(row)} #${row.id}`]))
}

/** Puts that in the place of ids: by one query for each field that refers. */
export function labelled(app: AppHandle, fields: Fields, records: readonly Listed[]) {
  let labelled = records
  for (const [name, { to }] of Object.entries(fields)) {
    if (to === undefined) continue
    const ids = records.flatMap((record) => record[name] ?? [])
    const choices = choicesOf(app, to, { where: [['id', 'in', ids]] })
    const shown = (id: unknown): unknown => (Array.isArray(id) ? id.map(shown) : (choices.get(id) ?? id))
    labelled = labelled.map((record) => ({ ...record, [name]: shown(record[name]) }))
  }
  return labelled
}

export function offered(app: AppHandle, plugin: string, found: Selection<Fields> = {}) {
  const choices = choicesOf(app, plugin, { order: ['id', 'desc'], limit: 100, ...found })
  return [...choices.values()].map((value) => option({ value }))
}

export function pickers(app: AppHandle, fields: Fields) {
  const targets = new Set(Object.values(fields).flatMap(({ to }) => to ?? []))
  return [...targets].map((to) => element('datalist')({ id: `${to}-choices` }, offered(app, to)))
}
