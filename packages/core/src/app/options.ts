import { existsSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
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

export type ResolvedOptions = { -readonly [Name in keyof AppOptions]-?: AppOptions[Name] }

/** Fills in the defaults. Throws `LOCALAPP_DECLARATION` for an option that there is not. */
export function resolveOptions({
  title = 'Home',
  plugins = ['./plugins'],
  data = 'data',
  workspace = 'home',
  port = 4321,
  root = mainFolder(),
  ...others
}: AppOptions): ResolvedOptions {
  for (const name of Object.keys(others)) {
    const fix = 'It has title, plugins, data, workspace, port and root.'
    throw localappError('LOCALAPP_DECLARATION', `fastApp() has no option “${name}”.`, fix)
  }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(workspace)) {
    const fix = 'Use lower-case letters, digits and dashes.'
    throw localappError('LOCALAPP_DECLARATION', `“${workspace}” cannot name a workspace.`, fix)
  }
  return { title, plugins, workspace, port, root: resolve(root), data: resolve(root, data) }
}

function mainFolder() {
  const [, main = ''] = process.argv
  return existsSync(main) ? dirname(realpathSync(main)) : process.cwd()
}
