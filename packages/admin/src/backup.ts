import { globSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type AppHandle,
  a,
  actionButton,
  type Content,
  code,
  h1,
  h2,
  inWords,
  li,
  type PageRequest,
  type PluginContext,
  p,
  type RawRow,
  report,
  small,
  t,
  ul,
} from '@localapp/core'
import Sqlite from 'better-sqlite3'
import { backTo } from './page.ts'

/** A copy of the workspace's data. */
export interface Backup {
  /** Of its file, which tells the workspace, the time and the reason. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly time: Date
}

/** How many daily backups are kept. */
const kept = 7

function backupFolder({ dataFolder }: AppHandle) {
  return join(dirname(dataFolder), 'backups')
}

/** The backups of the workspace, the newest first. */
export function backupsOf(app: AppHandle): Backup[] {
  const folder = backupFolder(app)
  const pattern = new RegExp(
    `^${basename(app.dataFolder)}-(\\d{4}-\\d\\d-\\d\\dT\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d{3}Z)-.*\\.db$`,
  )
  return globSync('*.db', { cwd: folder })
    .sort()
    .reverse()
    .flatMap((name) => {
      const time = new Date(name.replace(pattern, '$1:$2:$3.$4'))
      return pattern.test(name) ? { name, time, size: statSync(join(folder, name)).size } : []
    })
}

/** Makes the backup of the day, where there is none yet, and lets the oldest of them go. */
export async function backUpDaily(app: AppHandle, now = Date.now()): Promise<void> {
  const daily = () => backupsOf(app).filter(({ name }) => name.endsWith('-daily.db'))
  const [newest] = daily()
  if (now - Number(newest?.time ?? 0) < 24 * 60 * 60_000) return
  try {
    await app.backup('daily')
    for (const { name } of daily().slice(kept)) rmSync(join(backupFolder(app), name))
  } catch (error) {
    report('The backup of the day could not be made:', error)
  }
}

export function backupList(app: AppHandle): Content {
  const backups = backupsOf(app)
  return [
    h2('Backups'),
    p(
      `One is made each day, of which ${kept} are kept, and one before tables change. They are in `,
      code(backupFolder(app)),
      ' and yours to delete.',
    ),
    actionButton('admin.backup', {}, 'Back up now'),
    ul(
      backups
        .slice(0, 20)
        .map(({ name, size, time }) =>
          li(a({ href: `/-/backups/${name}` }, time.toLocaleString()), ' ', small(name, ', ', inBytes(size))),
        ),
    ),
  ]
}

/** A size as a person reads it. */
export const inBytes: (bytes: number) => string = new Intl.NumberFormat('en', {
  notation: 'compact',
  style: 'unit',
  unit: 'byte',
  unitDisplay: 'narrow',
  maximumFractionDigits: 1,
}).format

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

function find(app: AppHandle, name: string | undefined) {
  return backupsOf(app).find((backup) => backup.name === name)
}

/** What going back would do, by table: how many records come back, change back or go away. */
async function compare(app: AppHandle, backup: string) {
  const found: Record<string, Record<string, number>> = {}
  for await (const { table, before, after } of changesTo(app, backup)) {
    found[table] ??= {}
    const counts = found[table]
    const what = before ? (after ? 'changeBack' : 'comeBack') : 'goAway'
    counts[what] = (counts[what] ?? 0) + 1
  }
  return Object.entries(found).map(([table, counts]) => ({ table, ...counts }))
}

/**
 * What makes the records of a backup out of those that are there: each as a change that was made since, to be taken back.
 * The journal is not among them, for it tells of the way back, too; neither are tables without ids and versions.
 */
async function* changesTo(app: AppHandle, backup: string) {
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

function differenceList(differences: Awaited<ReturnType<typeof compare>>, { name }: Backup) {
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
