import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { dataError, makeFolder } from './connection.ts'

/** A workspace that is this process's own. */
export type Owner = ReturnType<typeof ownerOf>

/**
 * Takes a workspace for this process: tries once, without waiting, and returns undefined while another has it. The
 * system holds the lock, so a workspace whose process died is free at once.
 */
export function own(folder: string, workspace: string): Owner | undefined {
  const file = join(folder, `${workspace}.owner`)
  let lock: Sqlite.Database | undefined
  try {
    makeFolder(folder)
    lock = new Sqlite(file, { timeout: 0 })
    lock.exec('begin exclusive')
    return ownerOf(lock, noteFile(folder, workspace))
  } catch (error) {
    lock?.close()
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_BUSY') return undefined
    throw dataError(file, error)
  }
}

/** Another process that owns a workspace; without a port, it serves nobody. */
export interface Server {
  readonly pid: number
  readonly port?: number
  readonly key: string
}

/** Try `own` first: the note of a process that died stays until the next one owns the workspace. */
export function readOwner(folder: string, workspace: string): Server | undefined {
  try {
    return JSON.parse(readFileSync(noteFile(folder, workspace), 'utf8'))
  } catch {
    return undefined
  }
}

/** Keeps the locks of this process out of the garbage collector's reach, which would close and so free them. */
const held = new Set<Sqlite.Database>()

const noteFile = (folder: string, workspace: string) => join(folder, `${workspace}.lock`)

function ownerOf(lock: Sqlite.Database, file: string) {
  /** With it, other programs of the same user may call this process: 32 random bytes, base64url. */
  const key = randomBytes(32).toString('base64url')
  /** Whoever reads meanwhile sees the old note or the new one, and never half of it. */
  const note = (port?: number) => {
    const draft = `${file}.new`
    rmSync(draft, { force: true }) // or it would keep the mode that it has
    writeFileSync(draft, JSON.stringify({ pid: process.pid, port, key }), { mode: 0o600 })
    renameSync(draft, file)
  }
  note()
  held.add(lock)
  return {
    key,
    publish: note,
    release() {
      if (lock.open) rmSync(file, { force: true })
      lock.close()
      held.delete(lock)
    },
  }
}
