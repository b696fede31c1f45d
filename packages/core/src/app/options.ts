import { realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { argv, cwd } from 'node:process'
import { localappError } from '../error/error.ts'
import type { PluginSource } from '../plugin/find.ts'

/** What an app can be told. All of it has a default. */
export interface AppOptions {
  /** The name of the app. Default: `Home`. */
  readonly title?: string
  /** Folders, files and packages of plugins, and plugins themselves. Default: `['./plugins']`. */
  readonly plugins?: readonly PluginSource[]
  /** The folder of the data. Default: `./data`. */
  readonly data?: string
  /** The workspace: the name of the file in the data folder. Default: `home`. */
  readonly workspace?: string
  /** The port on 127.0.0.1; 0 takes a free one. Default: 4321. */
  readonly port?: number
  /** Where relative paths start. Default: the folder of the main module. */
  readonly root?: string
}

/** Options with every default filled in and every path absolute. */
export interface ResolvedOptions extends Required<AppOptions> {}

const known = ['title', 'plugins', 'data', 'workspace', 'port', 'root']

/** Fills in the defaults. Throws `LOCALAPP_DECLARATION` for an option that there is not. */
export function resolveOptions(options: AppOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw localappError(
        'LOCALAPP_DECLARATION',
        `fastApp() has no option “${name}”.`,
        `It has ${known.join(', ')}.`,
      )
    }
  }
  const { title = 'Home', plugins = ['./plugins'], workspace = 'home', port = 4321 } = options
  if (!/^[a-z0-9][a-z0-9-]*$/.test(workspace)) {
    throw localappError(
      'LOCALAPP_DECLARATION',
      `“${workspace}” cannot name a workspace.`,
      'Use lower-case letters, digits and dashes.',
    )
  }
  const root = resolve(options.root ?? mainFolder())
  return { title, plugins, workspace, port, root, data: resolve(root, options.data ?? 'data') }
}

function mainFolder(): string {
  const main = argv[1]
  return main === undefined || basename(main) === '[eval]' ? cwd() : dirname(realpathSync(main))
}
