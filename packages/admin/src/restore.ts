import { join } from 'node:path'
import {
  type AppHandle,
  actionButton,
  type Content,
  h1,
  inWords,
  li,
  type PageRequest,
  type PluginContext,
  p,
  type RawRow,
  type RowChange,
  t,
  ul,
} from '@localapp/core'
import Sqlite from 'better-sqlite3'
import { type Backup, backupFolder, backupsOf } from './backup.ts'
import { backTo } from './page.ts'

/** What going back to a backup would do to a table. */
export interface Difference {
  readonly table: string
  /** Records that only the backup has. */
  comeBack?: number
  changeBack?: number
  /** Records that were made since. */
  goAway?: number
}

/** The actions `backups`, `compare` and `restore`. */
export function restoreActions({ app, action }: PluginContext): void {
  const input = { backup: t.text({ help: 'The name of its file, as admin.backups gives it.' }) }
  const check = ({ backup }: { backup: string }) =>
    find(app, backup) ? undefined : { backup: `There is no backup called “${backup}”.` }
  action('backups', {
    effect: 'read',
    description: 'All backups, the newest first.',
    run: () => backupsOf(app),
  })
  action('compare', {
    effect: 'read',
    title: 'Compare with a backup',
    description: 'How many records of each table would come back, change back or go away.',
    input,
    check,
    run: ({ backup }) => compare(app, backup),
  })
  action('restore', {
    effect: 'destructive',
    title: 'Go back to a backup',
    description:
      'Gives all records the values that they have in a backup. A backup of now is made first. Undo takes it back.',
    limit: 60_000,
    input,
    check,
    summary: ({ backup }, output) =>
      `Went back to ${backup} (records: ${(output as { records: number }).records})`,
    run: async ({ backup }, { restore }) => {
      const before = await app.backup('restore')
      let records = 0
      for await (const change of changesTo(app, backup)) {
        restore(change)
        records++
      }
      return { records, before }
    },
  })
}

function find(app: AppHandle, name: string | undefined): Backup | undefined {
  return backupsOf(app).find((backup) => backup.name === name)
}

async function compare(app: AppHandle, backup: string): Promise<Difference[]> {
  const found: Record<string, Difference> = {}
  for await (const { table, before, after } of changesTo(app, backup)) {
    found[table] ??= { table }
    const counts = found[table]
    const what = before ? (after ? 'changeBack' : 'comeBack') : 'goAway'
    counts[what] = (counts[what] ?? 0) + 1
  }
  return Object.values(found)
}

/**
 * What makes the records of a backup out of those that are there: each as a change that was made since, to be taken back.
 * The journal is not among them, for it tells of the way back, too; neither are tables without ids and versions.
 */
async function* changesTo(app: AppHandle, backup: string): AsyncGenerator<RowChange> {
  let told = 0
  const sqlite = new Sqlite(join(backupFolder(app), backup), { fileMustExist: true })
  try {
    sqlite.prepare('attach ? as now').run(`${app.dataFolder}.db`)
    const tables = sqlite.prepare<[], string>(
      "select name from main.sqlite_master where type = 'table' and name not like 'localapp%'",
    )
    const shared = sqlite.prepare<[string, string], string>(
      "select name from pragma_table_info(?, 'main') where name in (select name from pragma_table_info(?, 'now'))",
    )
    for (const table of tables.pluck().all()) {
      const columns = shared.pluck().all(table, table)
      if (!['id', 'version', 'updatedAt'].every((column) => columns.includes(column))) continue
      const of = (side: string, names = columns) => names.map((name) => `${side}."${name}"`).join()
      // A version alone is no difference: to change a record and change it back leaves what was there.
      const compared = columns.filter((column) => column !== 'version' && column !== 'updatedAt')
      const different = sqlite.prepare<[], (string | number | null)[]>(
        `select ${of('kept')}, ${of('here')} from main."${table}" kept full join now."${table}" here using (id)
         where (${of('kept', compared)}) is not (${of('here', compared)})`,
      )
      for (const values of different.raw().iterate()) {
        const rowAt = (start: number): RawRow =>
          Object.fromEntries(columns.map((name, i) => [name, values[start + i]]))
        const [kept, here] = [rowAt(0), rowAt(columns.length)]
        const key = Number(kept.id ?? here.id)
        yield { table, key, before: kept.id === null ? null : kept, after: here.id === null ? null : here }
        // Others have their turn.
        if (++told % 500 === 0) await new Promise(setImmediate)
      }
    }
  } catch (cause) {
    throw new Error(`The backup ${backup} cannot be read: ${(cause as Error).message}`, { cause })
  } finally {
    sqlite.close()
  }
}

export async function restorePage(app: AppHandle, { params, region }: PageRequest): Promise<Content> {
  const backup = find(app, params.backup)
  const back = backTo('/-/health', 'Health')
  if (!backup) return [back, h1('Backup'), p('This backup is not there any more.')]
  return [
    back,
    h1(`Backup of ${backup.time.toLocaleString()}`),
    await region('backup', ['localapp_entry'], async () =>
      differenceList(await compare(app, backup.name), backup),
    ),
  ]
}

function differenceList(differences: readonly Difference[], { name }: Backup): Content {
  if (differences.length === 0) return p('All records are as they are in this backup.')
  return [
    p('If you go back to it:'),
    ul(
      differences.map(({ table, ...counts }) =>
        li(
          `${inWords(table)}: `,
          Object.entries(counts)
            .map(([what, count]) => `${count} to ${inWords(what).toLowerCase()}`)
            .join(', '),
        ),
      ),
    ),
    p('The journal stays. A backup of now is made first, and Undo takes all of it back.'),
    actionButton('admin.restore', { backup: name }, 'Go back to it', 'danger'),
  ]
}
