import { join } from 'node:path'
import { type CallEnvironment, call } from '../action/call.ts'
import { entries, openJournal } from '../action/journal.ts'
import { undoActions } from '../action/undo.ts'
import { localappError } from '../error/error.ts'
import { h1, p } from '../html/elements.ts'
import { routeAssets } from '../page/assets.ts'
import { toast } from '../page/notice.ts'
import { EventStreams } from '../page/stream.ts'
import { findPlugins } from '../plugin/find.ts'
import { PluginHost, type SharedHandle } from '../plugin/host.ts'
import type { Actions, PageHandler } from '../plugin/plugin.ts'
import { watchPlugins } from '../plugin/watch.ts'
import { Answers } from '../server/answer.ts'
import { routeApi } from '../server/api.ts'
import { Boundary } from '../server/boundary.ts'
import { journalActions } from '../server/journal-actions.ts'
import type { Owner } from '../storage/ownership.ts'
import { Storage } from '../storage/storage.ts'
import type { ResolvedOptions } from './app.ts'

export type Runtime = Awaited<ReturnType<typeof openRuntime>>

export async function openRuntime(
  { title, data, workspace, plugins, root, port }: ResolvedOptions,
  owner: Owner,
  pages: Map<string, PageHandler>,
) {
  const storage = new Storage(join(data, `${workspace}.db`))
  const journal = await openJournal(storage)
  const streams = new EventStreams()
  const host = new PluginHost()
  const boundary = new Boundary(data, owner, host)
  const server = boundary.fastify
  const announce: CallEnvironment['announce'] = (topics, entry) => {
    streams.changed(entry === undefined ? topics : [...topics, entries.name])
    if (entry !== undefined) streams.toast(toast(journal.get(entry)))
    for (const { listeners } of host.running) for (const listener of listeners) listener(topics)
  }
  const actions: Actions = {
    list: () => [...host.running.flatMap(({ actions }) => [...actions.values()]), ...ownActions],
    get: (id) => actions.list().find((action) => action.id === id),
    call: (id, input, asked) => call({ storage, get: actions.get, announce }, id, input, asked),
  }
  const app: SharedHandle = {
    title,
    db: storage.db,
    actions,
    journal,
    streams,
    dataFolder: join(data, workspace),
    reader: (table) => storage.reader(table),
    write: (name, work) => storage.write(name, work),
    backup: (reason) => storage.backUp(reason),
    announce,
    plugins: () => host.all,
    menu: () => host.running.flatMap(({ menu }) => menu),
    keys: boundary.keys,
    listen: () => boundary.entrance(port).catch(() => boundary.entrance(0)),
  }
  const ownActions = [...undoActions(journal, actions.get), ...journalActions(app)]
  const answers = new Answers(app, host)

  routeAssets(server)
  routeApi(boundary, actions, answers)
  server.get('/-/events', (_request, reply) => {
    reply.hijack()
    streams.open(reply.raw)
  })
  server.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    const failed = host.all.find(({ name }) => name === path.split('/', 2)[1])?.error
    const what = `There is no page at ${path}.`
    const missing = localappError('LOCALAPP_NOT_FOUND', what, 'Look into the menu.')
    return answers.failure(request, reply, failed ?? missing)
  })
  for (const [path, handler] of pages) answers.route(server, path, handler)
  const ground = { storage, app, own: pages, mount: answers.route.bind(answers) }
  await host.load(findPlugins(plugins, root), ground)
  if (!pages.has('/')) {
    server.get('/', (request, reply) => {
      const [first] = app.menu()
      if (first) return reply.redirect(first.href)
      const hint =
        'There is nothing here yet. Put a plugin into the folder “plugins” and start the app again.'
      const failed = host.all.map(
        ({ error }) => error && p({ class: 'error' }, `${error.message} ${error.fix}`),
      )
      return answers.page(request, reply, () => [h1(title), p(hint), failed])
    })
  }
  await server.ready()
  let unwatch: (() => void) | undefined

  return {
    app,
    /** Listens, and follows the files of plugins. */
    async serve(port: number) {
      const entrance = await boundary.entrance(port)
      unwatch ??= watchPlugins(plugins, root, (file, found) => host.follow(file, found, ground))
      return entrance
    },
    async close() {
      unwatch?.()
      streams.close()
      await server.close()
      await host.close()
      storage.close()
      owner.release()
    },
  }
}
