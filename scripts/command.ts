import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { platform } from 'node:process'
import { root } from './root.ts'

/** npm, npx and the like are `.cmd` files on Windows, which only a shell can start. */
export const shell: boolean = platform === 'win32'

/** Runs pnpm in the root of the repository, without its own words. Throws, with all it said, when it fails. */
export function pnpm(...args: string[]): string {
  const ran: SpawnSyncReturns<string> = spawnSync('npx', ['--yes', 'pnpm@12', ...args], {
    cwd: root,
    shell,
    encoding: 'utf8',
  })
  if (ran.status === 0) return ran.stdout
  throw new Error(`pnpm ${args.join(' ')} failed:\n${ran.stdout}${ran.stderr}`, { cause: ran.error })
}

/** Packs all packages into a folder, as they are published; what is packed is in their `dist`. */
export function packAll(folder: string): void {
  pnpm('-r', '--filter', './packages/*', 'pack', '--pack-destination', folder)
}
