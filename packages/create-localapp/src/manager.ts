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

/**
 * The program to go on with: Yarn runs the install script of the package `node` not at all, or on the Node that is not
 * there yet, so that it cannot bring a Node along; npm can, and is there with every Node.
 */
export function usableManager(found: Manager, bringsNode: boolean): Manager {
  return bringsNode && found.name === 'yarn' ? { name: 'npm', version: '' } : found
}

function isYarn1({ name, version }: Manager): boolean {
  return name === 'yarn' && version.startsWith('1.')
}

/** Puts the commands of a text, which are npm's, in the words of another program. */
export function inWordsOf({ name }: Manager, text: string): string {
  if (name === 'npm') return text
  // `bun test` is a test runner of bun's own.
  const run = name === 'bun' ? 'bun run' : name
  return text
    .replace(/\bnpm (?:run )?(start|dev|test|types|build|docs)\b(?: --(?= ))?/g, `${run} $1`)
    .replace(/\bnpm install (?=[@\w])/g, `${name} add `)
    .replace(/\bnpm install\b/g, `${name} install`)
    .replace(/\bnpx localapp\b/g, name === 'bun' ? 'bunx localapp' : `${name} localapp`)
}

/** Has a flake of Nix's bring this program besides Node, which has npm in it. */
export function inFlakeOf(manager: Manager, text: string): string {
  if (manager.name === 'npm') return text
  const name = manager.name === 'yarn' && !isYarn1(manager) ? 'yarn-berry' : manager.name
  return text.replace('[ pkgs.nodejs_24 ]', `[ pkgs.nodejs_24 pkgs.${name} ]`)
}

/** What else a project needs, so that this program installs it in a way that Node understands. */
export function filesFor(manager: Manager): Record<string, string> {
  // pnpm runs no package's install script unless told to.
  if (manager.name === 'pnpm')
    return { 'pnpm-workspace.yaml': 'allowBuilds:\n  esbuild: true\n  node: true\n' }
  // Yarn 1 compiles what brings its binary along; no package of a project needs its script.
  if (isYarn1(manager)) return { '.yarnrc': 'ignore-scripts true\n' }
  if (manager.name === 'yarn') return { '.yarnrc.yml': 'nodeLinker: node-modules\n' }
  return {}
}
