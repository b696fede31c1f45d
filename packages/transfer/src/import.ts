import { join } from 'node:path'
import { type AppHandle, defineTable, type Stored, t } from '@localapp/core'
import type { Source } from './source.ts'

/** What is known of a file that was brought in. */
export const imports = defineTable('transfer', {
  plugin: t.text(),
  /** What the user calls the file. */
  name: t.text(),
  /** What it is called in the folder of this plugin. */
  upload: t.text(),
  size: t.integer(),
  source: t.longText({ max: 1_000_000 }),
  /** The field of each column, `-` for none. */
  columns: t.list(t.text()),
  by: t.text({ optional: true }),
  /** Nothing is in the plugin's own table before `done`. */
  state: t.pick(['checking', 'ready', 'failed', 'done', 'undone']),
  /** Bytes of the file, and rows, that were read. */
  position: t.integer({ default: 0 }),
  read: t.integer({ default: 0 }),
  fresh: t.integer({ default: 0 }),
  changing: t.integer({ default: 0 }),
  bad: t.integer({ default: 0 }),
  problems: t.list(t.text({ max: 1_000 })),
  message: t.text({ optional: true }),
  /** The greatest id when it was checked. */
  newest: t.integer({ default: 0 }),
  /** What it added: ids in a row. */
  first: t.integer({ optional: true }),
  last: t.integer({ optional: true }),
})

export type Import = Stored<typeof imports.fields>

export const folderOf = (app: AppHandle): string => join(app.dataFolder, 'transfer')
export const fileOf = (app: AppHandle, { upload }: Pick<Import, 'upload'>): string =>
  join(folderOf(app), upload)
export const sourceIn = ({ source }: Pick<Import, 'source'>): Source => JSON.parse(source)

/** Rows that were read and found good, as the columns of the plugin's table will hold them. */
export const stageOf = ({ id }: Pick<Import, 'id'>): string => `transfer_stage_${id}`
/** Records as they were before an import changed them. */
export const beforeOf = ({ id }: Pick<Import, 'id'>): string => `transfer_before_${id}`
