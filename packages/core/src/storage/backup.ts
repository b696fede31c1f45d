import { rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Connection } from './connection.ts'
import { dataError, makeFolder } from './open.ts'

/** Copies the file of a workspace, as it is at this moment, to `backups/<workspace>-<time>-<reason>.db` beside it. */
export async function backUp(file: string, reason: string) {
  const folder = join(dirname(file), 'backups')
  makeFolder(folder)
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const copy = join(folder, `${basename(file, '.db')}-${time}-${reason.replaceAll(/[^\w-]+/g, '-')}.db`)
  writeFileSync(copy, '', { flag: 'wx', mode: 0o600 })
  const source = new Connection(file, true)
  try {
    // A transaction that reads keeps SQLite from starting over whenever something is written meanwhile.
    source.run('begin')
    source.run('select count(*) from sqlite_master')
    await source.sqlite.backup(copy)
    return copy
  } catch (error) {
    rmSync(copy, { force: true })
    throw dataError(copy, error)
  } finally {
    source.sqlite.close()
  }
}
