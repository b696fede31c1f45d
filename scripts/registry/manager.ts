export type ManagerName = 'npm' | 'pnpm' | 'yarn1' | 'yarn4' | 'bun'

/** Where a package manager comes from: its package, unless it comes with Node. */
interface Source {
  readonly package?: string
  /** It cannot bring a Node along, so the machine needs one that is new enough: the repository's. */
  readonly ownNode?: boolean
}

/** The package managers that are tried. */
export const managers: Readonly<Record<ManagerName, Source>> = {
  npm: {},
  pnpm: { package: 'pnpm@12.21.0' },
  yarn1: { package: 'yarn@1.22.22', ownNode: true },
  yarn4: { package: '@yarnpkg/cli-dist@4.18.1', ownNode: true },
  bun: { package: 'bun@1.4.5' },
}

/** What is typed with a package manager. */
export interface Manager {
  readonly name: ManagerName
  create(template: string, name: string): string[]
  readonly install: string[]
  add(...names: string[]): string[]
  remove(name: string): string[]
  /** Runs a script of the project, quietly where it can. */
  script(name: string, ...args: string[]): string[]
  /** Runs the command line of the app. */
  localapp(...args: string[]): string[]
}

const quiet = ['--no-audit', '--no-fund']

function others(
  name: ManagerName,
  command: string,
  run: readonly string[],
  exec: readonly string[],
): Manager {
  return {
    name,
    create: (template, folder) => [command, 'create', 'localapp', folder, '--template', template],
    install: [command, 'install'],
    add: (...names) => [command, 'add', ...names],
    remove: (each) => [command, 'remove', each],
    script: (script, ...args) => [...run, script, ...args],
    localapp: (...args) => [...exec, 'localapp', ...args],
  }
}

const all: Readonly<Record<ManagerName, Manager>> = {
  npm: {
    name: 'npm',
    create: (template, folder) => [
      'npm',
      'create',
      '--yes',
      'localapp',
      folder,
      '--',
      '--template',
      template,
    ],
    install: ['npm', 'install', ...quiet],
    add: (...names) => ['npm', 'install', ...quiet, ...names],
    remove: (each) => ['npm', 'uninstall', ...quiet, each],
    script: (script, ...args) => ['npm', 'run', '--silent', script, '--', ...args],
    localapp: (...args) => ['npx', 'localapp', ...args],
  },
  pnpm: others('pnpm', 'pnpm', ['pnpm', '--silent', 'run'], ['pnpm', '--silent', 'exec']),
  yarn1: others('yarn1', 'yarn', ['yarn', '--silent', 'run'], ['yarn', '--silent', 'run']),
  yarn4: others('yarn4', 'yarn', ['yarn', 'run'], ['yarn', 'run']),
  bun: others('bun', 'bun', ['bun', '--silent', 'run'], ['bunx']),
}

/** The commands of a package manager. */
export function commandsOf(name: ManagerName): Manager {
  return all[name]
}
