import {
  type Fields,
  InvalidInput,
  type Messages,
  type PluginContext,
  partials,
  type Row,
  t,
} from '@localapp/core'
import { filterOf } from './filter.ts'
import { fieldsWith, type List, type Listed, pageOf } from './query.ts'
import { rank, rankBeside, rankOnTop } from './rank.ts'

export interface Crud extends List {
  readonly title: string
  readonly fields: Fields
  readonly check: ((row: Row<Fields>) => Messages | undefined) | undefined
}

export type CrudActions = ReturnType<typeof declareActions>

const id = t.integer({ min: 1, help: 'The id of the record, as the list gives it.' })
const otherId = t.integer({ min: 1, optional: true })
const version = t.integer({
  min: 1,
  optional: true,
  help: 'Refuses the change if the record has another version.',
})

export const reserved: readonly string[] = ['q', 'sort', 'after', 'limit', rank]

/** What a record is called: its first line of text. */
export function nameOf(fields: Fields, record: Readonly<Record<string, unknown>>) {
  const [first = ''] = Object.keys(fields).filter((name) => fields[name]?.kind === 'text')
  const text = String(record[first] || `record ${record.id}`)
  return text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text
}

export function declareActions({ action }: PluginContext, crud: Crud) {
  const { title, fields, table, order, check } = crud
  const isManual = order[0] === rank
  const label = (record: unknown) => nameOf(fields, record as Listed)
  const said = (did: string) => (_input: unknown, record: unknown) => `${did} “${label(record)}”`
  const seen = (record: object) => {
    const { [rank]: _, ...unranked } = record as Listed
    return unranked
  }

  const create = action('create', {
    effect: 'write',
    title: 'Add',
    description: `Adds a record to ${title}.`,
    input: fields,
    check: (input) => check?.(input),
    run(input, context) {
      const records = context.table(table)
      return seen(records.insert(isManual ? { ...input, [rank]: rankOnTop(records) } : input))
    },
    summary: said('Added'),
  })
  const update = action('update', {
    effect: 'write',
    title: 'Change',
    description: `Changes a record of ${title}: only the fields that are given.`,
    input: { ...partials(fields), id, version } as Fields,
    check(input, context) {
      const stored = context.table(table).find(Number(input.id))
      return stored && check?.({ ...stored, ...patchOf(input) })
    },
    run(input, context) {
      const patch = patchOf(input)
      if (Object.keys(patch).length === 0)
        throw new InvalidInput({ '': 'Give at least one field to change.' })
      return seen(context.table(table).update(Number(input.id), patch, versionOf(input)))
    },
    summary: said('Changed'),
  })
  const remove = action('delete', {
    effect: 'destructive',
    description: `Deletes a record of ${title}.`,
    input: { id, version },
    record: { table, id: (input) => input.id, label },
    run: (input, context) => seen(context.table(table).delete(input.id, versionOf(input))),
    summary: said('Deleted'),
  })
  if (isManual) {
    action('move', {
      effect: 'write',
      description: `Moves a record of ${title} right below the record “after” or right above the record “before”.`,
      input: { id, after: otherId, before: otherId },
      run(input, context) {
        const records = context.table(table)
        return seen(
          records.update(input.id, { [rank]: rankBeside(records, input.id, input.after, input.before) }),
        )
      },
      summary: said('Moved'),
    })
  }
  const sorts = fieldsWith(fields, 'index').flatMap(([name]) => [name, `-${name}`])
  const list = action('list', {
    effect: 'read',
    description: `Finds records of ${title}: “rows”, and in “more” what to give as “after” for the next ones.`,
    input: {
      ...Object.fromEntries(fieldsWith(fields, 'filter').map(([name, field]) => [name, filterOf(field)])),
      ...(fieldsWith(fields, 'search').length > 0 && {
        q: t.text({ optional: true, max: 200, label: 'Search', help: 'Text that the record holds.' }),
      }),
      ...(sorts.length > 0 && {
        sort: t.pick(sorts, { optional: true, help: 'With “-”, the greatest first.' }),
      }),
      after: t.text({ optional: true, help: 'The “more” of the list before.' }),
      limit: t.integer({ default: 50, min: 1, max: 200 }),
    } as Fields,
    run(input, context) {
      const { rows, more } = pageOf(context.table(table), crud, input, Number(input.limit))
      return { rows: rows.map(({ createdAt: _, updatedAt: __, ...row }) => seen(row)), more }
    },
  })
  action('get', {
    effect: 'read',
    description: `Gives one record of ${title} with all its fields.`,
    input: { id },
    run: (input, context) => seen(context.table(table).get(input.id)),
  })
  return { create, update, remove, list }
}

function patchOf({ id: _id, version: _version, ...patch }: Row<Fields>) {
  return patch
}

function versionOf(input: { readonly version?: unknown }): { version?: number } {
  return typeof input.version === 'number' ? { version: input.version } : {}
}
