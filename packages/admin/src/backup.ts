import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type AppHandle,
  a,
  actionButton,
  type Content,
  code,
  h2,
  li,
  p,
  report,
  small,
  ul,
} from '@localapp/core'

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
const day = 24 * 60 * 60_000

export function backupFolder({ dataFolder }: AppHandle): string {
  return join(dirname(dataFolder), 'backups')
}

/** The backups of the workspace, the newest first. */
export function backupsOf(app: AppHandle): Backup[] {
  const folder = backupFolder(app)
  const pattern = new RegExp(
    `^${basename(app.dataFolder)}-(\\d{4}-\\d\\d-\\d\\dT\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d{3}Z)-.*\\.db$`,
  )
  let names: string[] = []
  try {
    names = readdirSync(folder)
  } catch {
    // The first backup makes the folder.
  }
  return names
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
  if (now - Number(newest?.time ?? 0) < day) return
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
export function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  return `${(bytes / 1000 ** power).toLocaleString('en', { maximumFractionDigits: 1 })} ${units[power]}`
}
