import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The key that lets clients in over HTTP, in a file that only the user can read. It outlives restarts. */
export function keptKey(folder: string): string {
  const file = join(folder, 'mcp.key')
  // One that a crash cut off is no secret.
  if (statSync(file, { throwIfNoEntry: false })?.size !== 43) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    rmSync(file, { force: true }) // it would keep its mode
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}
