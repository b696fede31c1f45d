/** A program that installs packages, in its own words. */
export interface Manager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun'
  readonly version: string
}

/** Finds out by which program this one was started, from what that put into `npm_config_user_agent`. */
export function findManager(userAgent = ''): Manager {
  const [, name, version = ''] = /^(npm|pnpm|yarn|bun)\/(\S*)/.exec(userAgent) ?? []
  return { name: (name ?? 'npm') as Manager['name'], version }
}

/** Puts the commands of a text, which are npm's, in the words of another program. */
export function inWordsOf({ name }: Manager, text: string): string {
  if (name === 'npm') return text
  // `bun test` is a test runner of bun's own.
  const run = name === 'bun' ? 'bun run' : name
  return text
    .replace(/\bnpm (?:run )?(start|dev|test|types|build)\b(?: --(?= ))?/g, `${run} $1`)
    .replace(/\bnpm install (?=[@\w])/g, `${name} add `)
    .replace(/\bnpm install\b/g, `${name} install`)
    .replace(/\bnpx localapp\b/g, name === 'bun' ? 'bunx localapp' : `${name} localapp`)
}

/** What else a project needs, so that this program installs it in a way that Node understands. */
export function filesFor({ name, version }: Manager): Record<string, string> {
  // pnpm runs no package's install script unless told to.
  if (name === 'pnpm') return { 'pnpm-workspace.yaml': 'allowBuilds:\n  esbuild: true\n  node: true\n' }
  if (name === 'yarn' && !version.startsWith('1.')) return { '.yarnrc.yml': 'nodeLinker: node-modules\n' }
  return {}
}
