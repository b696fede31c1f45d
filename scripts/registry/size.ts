import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a new app may take at most: packages, megabytes, and milliseconds to its first page. */
export const aims = { packages: 100, megabytes: 60, firstPage: 1000 } as const

/** What a part of an install takes; files that are one on the disk count once. */
class Share {
  packages = 0
  bytes = 0

  get said(): string {
    return `${this.packages} packages, ${this.megabytes} MB`
  }

  get megabytes(): number {
    return Math.round(this.bytes / 1e6)
  }
}

/**
 * Prints what npm has installed and tells whether what the app runs on is small enough. What only tests it and checks
 * its types stands apart, and so does the Node that comes along where the machine's is too old.
 */
export function measureInstall(where: string): boolean {
  const lock = JSON.parse(readFileSync(join(where, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const shares = { runs: new Share(), tools: new Share(), node: new Share() }
  const shareOf = (path: string): Share => {
    if (/^node_modules\/node(-bin-\w+)?(\/|$)/.test(path)) return shares.node
    return tools.some((tool) => `${path}/`.startsWith(`${tool}/`)) ? shares.tools : shares.runs
  }
  const all = Object.keys(lock.packages)
  const tools = all.filter((path) => lock.packages[path]?.dev)
  for (const path of all) shareOf(path).packages++
  const seen = new Set<number>()
  for (const path of globSync('node_modules/**/*', { cwd: where })) {
    const { size, ino } = statSync(join(where, path))
    if (!seen.has(ino)) shareOf(path.replaceAll('\\', '/')).bytes += size
    seen.add(ino)
  }
  const { runs, tools: beside, node } = shares
  console.log(`   it runs on ${runs.said} (aims: < ${aims.packages}, < ${aims.megabytes} MB)`)
  if (beside.packages > 0) console.log(`   its tests and types take ${beside.said} more`)
  if (node.packages > 0) console.log(`   Node ${node.megabytes} MB, since this machine’s is too old`)
  return runs.packages < aims.packages && runs.megabytes < aims.megabytes
}
