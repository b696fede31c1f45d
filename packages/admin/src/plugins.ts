import {
  type AppHandle,
  a,
  type Content,
  type HostedPlugin,
  h1,
  h2,
  p,
  section,
  small,
  span,
} from '@localapp/core'

/** What `admin.plugins` tells of a plugin. */
export interface ListedPlugin extends Pick<HostedPlugin, 'name' | 'file' | 'state' | 'place'> {
  readonly error: string | undefined
  /** What to do about the error. */
  readonly fix: string | undefined
}

export function listPlugins(app: AppHandle): ListedPlugin[] {
  return app.plugins().map(({ name, file, state, error, place }) => {
    return { name, file, state, place, error: error?.message, fix: error?.fix }
  })
}

/** All plugins, those that failed with what to do. */
export function pluginsPage(app: AppHandle): Content {
  return [
    h1('Plugins'),
    p('In their order. ', a({ href: '/-/health' }, 'Is all well?')),
    app.plugins().map((plugin) => card(app, plugin)),
  ]
}

function card(app: AppHandle, { name, title, file, state, error, place }: HostedPlugin): Content {
  const actions = app.actions.list().filter(({ plugin }) => plugin === name).length
  return section(
    { class: 'card' },
    h2(title, ' ', span({ class: 'tag' }, state)),
    error && [p({ class: 'error' }, error.message), p(error.fix)],
    p(
      small(
        place ?? file ?? 'Part of the app itself',
        !error && ` · ${actions} ${actions === 1 ? 'action' : 'actions'}`,
      ),
    ),
  )
}
