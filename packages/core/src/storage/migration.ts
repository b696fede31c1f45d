import type { Migration } from 'kysely/migration'
import { localappError } from '../error/error.ts'
import { quote, type Run } from './connection.ts'
import { recall, remember } from './schema.ts'
import type { OpenTransaction } from './transaction.ts'

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
