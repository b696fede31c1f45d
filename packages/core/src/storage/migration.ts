import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { localappError } from '../error/error.ts'
import type { Database } from './connection.ts'
import type { Storage } from './storage.ts'

/** How long a change of schema may take, in milliseconds. */
export const schemaLimit = 600_000

export async function migrate(
  storage: Storage,
  plugin: string,
  migrations: Record<string, Migration>,
): Promise<void> {
  const migratorOn = (db: Kysely<Database>): Migrator =>
    new Migrator({
      db,
      provider: { getMigrations: async () => migrations },
      migrationTableName: `_migration_${plugin}`,
      migrationLockTableName: `_migration_${plugin}_lock`,
      disableTransactions: true, // ours is open
    })
  const all = await migratorOn(storage.db).getMigrations()
  if (all.every(({ executedAt }) => executedAt)) return
  if (await hasRows(storage.db)) await storage.backup(`migrate-${plugin}`)
  const work = async (db: Kysely<Database>): Promise<void> => {
    const { error, results } = await migratorOn(db).migrateToLatest()
    if (error === undefined) return
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName
    const reason = error instanceof Error ? error.message : String(error)
    throw localappError(
      'LOCALAPP_PLUGIN',
      `The plugin ${plugin} could not change its tables${failed ? `, in its migration “${failed}”` : ''}: ${reason}`,
      'Nothing was changed. Correct the migration and start again.',
      error,
    )
  }
  await storage.write(`migrate ${plugin}`, (tx) => work(tx.db), { limit: schemaLimit })
}

async function hasRows(db: Kysely<Database>): Promise<boolean> {
  const tables = await db.selectFrom('sqlite_master').select('name').where('type', '=', 'table').execute()
  for (const name of tables.map((table) => String(table.name))) {
    if (/^(_|sqlite_)/.test(name)) continue
    if (await db.selectFrom(name).select(sql.lit(1).as('row')).limit(1).executeTakeFirst()) return true
  }
  return false
}
