import { closeSync, openSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Connection } from './connection.ts'
import { makeFolder } from './open.ts'

/** Copies the file of a workspace, as it is at this moment, to `backups/<workspace>-<time>-<reason>.db` beside it. */
export async function backUp(file: string, reason: string): Promise<string> {
  const folder = join(dirname(file), 'backups')
  makeFolder(folder)
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const copy = join(folder, `${basename(file, '.db')}-${time}-${reason.replaceAll(/[^\w-]+/g, '-')}.db`)
  closeSync(openSync(copy, 'wx', 0o600))
  const source = new Connection(file, true)
  try {
    // A transaction that reads keeps SQLite from starting over whenever something is written meanwhile.
    source.sqlite.exec('begin')
    source.all('select count(*) from sqlite_master', [])
    await source.sqlite.backup(copy)
    return copy
  } catch (error) {
    rmSync(copy, { force: true })
    throw error
  } finally {
    source.sqlite.close()
  }
}
