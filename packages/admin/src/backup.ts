import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type AppHandle, actionButton, type Content, code, h2, li, p, small, ul } from '@localapp/core'

/** A copy of the workspace's data. */
export interface Backup {
  readonly file: string
  /** In bytes. */
  readonly size: number
  readonly time: Date
}

/** The backups of the workspace, the newest first. */
export function backupsOf({ dataFolder }: AppHandle): Backup[] {
  const folder = join(dirname(dataFolder), 'backups')
  const ofWorkspace = new RegExp(`^${basename(dataFolder)}-\\d{4}-\\d\\d-\\d\\dT.*\\.db$`)
  let names: string[] = []
  try {
    names = readdirSync(folder).filter((name) => ofWorkspace.test(name))
  } catch {
    // The first backup makes the folder.
  }
  return names
    .sort()
    .reverse()
    .map((name) => {
      const file = join(folder, name)
      const { size, mtime: time } = statSync(file)
      return { file, size, time }
    })
}

export function backupList(app: AppHandle): Content {
  const backups = backupsOf(app)
  const data = `${app.dataFolder}.db`
  return [
    h2('Backups'),
    p('One is made by itself before tables change. They are yours to delete.'),
    actionButton('admin.backup', {}, 'Back up now'),
    backups.length > 0 && [
      ul(
        backups
          .slice(0, 10)
          .map(({ file, size, time }) =>
            li(time.toLocaleString(), ' ', small(basename(file), ', ', inBytes(size))),
          ),
      ),
      p('They are in ', code(dirname(backups[0]?.file ?? '')), '.'),
      p(
        'To go back to one: stop the app, put the file in the place of ',
        code(data),
        ', and delete ',
        code(`${basename(data)}-wal`),
        ' if there is one.',
      ),
    ],
  ]
}

/** A size as a person reads it. */
export function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  return `${(bytes / 1000 ** power).toLocaleString('en', { maximumFractionDigits: 1 })} ${units[power]}`
}
