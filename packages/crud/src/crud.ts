import {
  defineTable,
  type Fields,
  inWords,
  localappError,
  type Messages,
  Plugin,
  type PluginContext,
  type Row,
  type Table,
  t,
} from '@localapp/core'
import { type Crud, declareActions, nameOf, reserved } from './actions.ts'
import { declarePages } from './page.ts'
import { fieldsWith, pageOf } from './query.ts'
import { firstRank, rank } from './rank.ts'

/** What a CRUD plugin is made from. */
export interface CrudOptions<F extends Fields> {
  /** The address, the table and the first part of the actions' ids. */
  readonly name: string
  /** What the menu and the page are called. Default: the name in words. */
  readonly title?: string
  /** What a model should know to use it well. */
  readonly advice?: string
  readonly fields: F
  /** `'manual'`: by dragging, new records on top. A field: by its value, the smallest first. Default: newest first. */
  readonly order?: 'manual' | (keyof NoInfer<F> & string)
  /** Looks at the record as it would be after the write; a sentence for a field refuses it. */
  readonly check?: (record: Row<NoInfer<F>>) => Messages | undefined
}

/** An instance of what {@link CrudPlugin} returns. */
export interface CrudBase<F extends Fields> extends Plugin {
  readonly name: string
  readonly title: string
  readonly table: Table<F>
  setup(context: PluginContext): void
}

/** What {@link CrudPlugin} returns: a class to extend. */
export interface CrudClass<F extends Fields> {
  new (): CrudBase<F>
  /** For the actions of other plugins: `context.table(Todo.table)`. */
  readonly table: Table<F>
}

/**
 * A table with everything that goes with it: actions (`create`, `update`, `delete`, `list`, `get` and, in a manual
 * order, `move`), a page that lists, searches, filters and edits in place, a page for each record, and search.
 * Throws `LOCALAPP_DECLARATION` for fields that cannot be columns.
 *
 * @example
 * ```ts
 * export default class Book extends CrudPlugin({
 *   name: 'books',
 *   fields: { title: t.text({ search: true }), read: t.bool({ filter: true }) },
 *   order: 'title',
 * }) {}
 * ```
 */
export function CrudPlugin<F extends Fields>(options: CrudOptions<F>): CrudClass<F> {
  const { name, fields, order } = options
  const isManual = order === 'manual'
  const taken = Object.keys(fields).find((key) => reserved.includes(key))
  if (taken !== undefined) {
    const what = `“${taken}” cannot name a field of “${name}”, which uses it itself.`
    const fix = 'Choose another name, and keep what is stored with “was”.'
    throw localappError('LOCALAPP_DECLARATION', what, fix)
  }
  const columns = isManual ? { ...fields, [rank]: t.text({ default: firstRank, index: true }) } : fields
  // The rank is there for the order alone, so records are typed without it.
  const table = defineTable(name.replaceAll('-', '_'), columns as F)
  const crud: Crud = {
    title: options.title ?? inWords(name),
    fields,
    table,
    order: order === undefined ? ['id', 'desc'] : [isManual ? rank : order, 'asc'],
    check: options.check as Crud['check'],
  }
  return class extends Plugin {
    static readonly table: Table<F> = table
    override readonly name = name
    override readonly title = crud.title
    override readonly advice = options.advice ?? ''
    readonly table = table

    override setup(context: PluginContext): void {
      context.table('', table.fields)
      declarePages(context, crud, declareActions(context, crud))
      if (fieldsWith(fields, 'search').length === 0) return
      context.search((q) => {
        const { rows } = pageOf(context.app.reader(crud.table), crud, { q }, 10)
        return rows.map((row) => ({ title: nameOf(fields, row), href: `/${name}/${row.id}` }))
      })
    }
  }
}
