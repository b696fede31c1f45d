import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'
import {
  type AppHandle,
  a,
  type Content,
  code,
  details,
  type HostedPlugin,
  h1,
  h2,
  li,
  p,
  section,
  small,
  span,
  summary,
  ul,
} from '@localapp/core'

/** What `admin.plugins` tells of a plugin. */
export interface ListedPlugin extends Pick<HostedPlugin, 'name' | 'file' | 'state' | 'place'> {
  /** Of the package that it comes from; undefined for the app's own. */
  readonly version: string | undefined
  readonly actions: readonly string[]
  readonly commands: readonly string[]
  readonly error: string | undefined
  /** What to do about the error. */
  readonly fix: string | undefined
}

export function listPlugins(app: AppHandle): ListedPlugin[] {
  return app.plugins().map(({ name, file, state, error, place, plugin }) => ({
    name,
    file,
    state,
    place,
    version: file && versionOf(file),
    actions: actionsOf(app, name).map(({ id }) => id),
    commands: (plugin?.commands ?? []).map((command) => command.name),
    error: error?.message,
    fix: error?.fix,
  }))
}

/** A plugin that lies in the app's folder has no version: the nearest package.json is the app's. */
function versionOf(file: string): string | undefined {
  const manifest = file.includes('node_modules') && findPackageJSON(pathToFileURL(file))
  return manifest ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined
}

function actionsOf(app: AppHandle, name: string) {
  return app.actions.list().filter(({ plugin }) => plugin === name)
}

/** All plugins, those that failed with what to do. */
export function pluginsPage(app: AppHandle): Content {
  return [
    h1('Plugins'),
    p('In their order. ', a({ href: '/-/health' }, 'Is all well?')),
    listPlugins(app).map((listed, i) => card(app, listed, app.plugins()[i]?.title ?? listed.name)),
    p(
      { class: 'help' },
      'A file that is saved in the folder “plugins” is a plugin at once. Without its file its data stays.',
    ),
  ]
}

function card(
  app: AppHandle,
  { name, file, state, place, version, commands, error, fix }: ListedPlugin,
  title: string,
): Content {
  const actions = actionsOf(app, name)
  return section(
    { class: 'card' },
    h2(title, version && ` ${version}`, ' ', span({ class: 'tag' }, state)),
    error && [p({ class: 'error' }, error), p(fix)],
    p(small(place ?? file ?? 'Part of the app itself')),
    actions.length + commands.length > 0 &&
      details(
        summary('What it can do'),
        ul(
          actions.map(({ id, title, effect, description }) =>
            li(code(id), ` ${description ?? title} `, small(effect)),
          ),
          commands.map((command) => li(code(`localapp ${command}`))),
        ),
      ),
  )
}
