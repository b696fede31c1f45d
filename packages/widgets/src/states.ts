import {
  type AppHandle,
  type Fields,
  type PluginContext,
  type Row,
  type Stored,
  type Table,
  type TableReader,
  t,
  type WriteContext,
} from '@localapp/core'
import { json } from './kinds.ts'

const fields = {
  widget: t.text(),
  instance: t.text({ index: true }),
  name: t.text(),
  /** In a list of one, because null is a value too. */
  value: json<readonly unknown[]>({ default: [] }),
}

/** The states of a plugin's widgets: a row for each value that was ever set, so that each is undone by itself. */
export class States {
  readonly table: Table<typeof fields>
  readonly #app: AppHandle

  constructor({ app, table }: PluginContext) {
    this.#app = app
    this.table = table('widgets', fields)
  }

  /** What an instance holds. What was never set, or no longer fits its field, has the default. */
  read<F extends Fields>(widget: string, state: F, instance: string): Row<F> {
    const stored = new Map(
      this.#rows(this.#app.reader(this.table), widget, instance).map(({ name, value: [value] }) => [
        name,
        value,
      ]),
    )
    const entries = Object.entries(state).map(([name, field]) => {
      const decoded = stored.has(name) ? field.decode(stored.get(name), 'json') : undefined
      return [name, decoded?.ok ? decoded.value : structuredClone(field.options.default ?? null)]
    })
    return Object.fromEntries(entries)
  }

  /** Stores what is different. */
  write(widget: string, instance: string, patch: Readonly<Record<string, unknown>>, context: WriteContext) {
    const table = context.table(this.table)
    const rows = this.#rows(table, widget, instance)
    for (const [name, value] of Object.entries(patch)) {
      const row = rows.find((each) => each.name === name)
      if (!row) table.insert({ widget, instance, name, value: [value] })
      else if (JSON.stringify(row.value) !== JSON.stringify([value])) table.update(row.id, { value: [value] })
    }
  }

  #rows(table: TableReader<typeof fields>, widget: string, instance: string): Stored<typeof fields>[] {
    return table.all({ where: [['instance', '=', instance] as const, ['widget', '=', widget] as const] })
  }
}
