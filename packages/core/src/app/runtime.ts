import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Action, Actor } from '../action/action.ts'
import { approvals } from '../action/approval.ts'
import { type CallEnvironment, type CallOptions, call } from '../action/call.ts'
import { entries, type Journal, journalTables, openJournal } from '../action/journal.ts'
import { undoActions } from '../action/undo.ts'
import { localappError } from '../error/error.ts'
import { EventStreams } from '../page/stream.ts'
import { findPlugins } from '../plugin/find.ts'
import { PluginHost } from '../plugin/host.ts'
import type { Actions, AppHandle, Plugin, Settled } from '../plugin/plugin.ts'
import { Answers } from '../server/answer.ts'
import { routeApi } from '../server/api.ts'
import { routeApprovals } from '../server/approvals.ts'
import { routeAssets } from '../server/assets.ts'
import { answerVerdict, Boundary, type Caller, securityHeaders } from '../server/boundary.ts'
import { frameOf, toastFor } from '../server/frame.ts'
import { lookActions } from '../server/looks.ts'
import { routePages, titleOf } from '../server/pages.ts'
import type { Owner } from '../storage/ownership.ts'
import { openStorage, type Storage } from '../storage/storage.ts'
import type { ResolvedOptions } from './options.ts'

/** Adds the routes of the app's author to the app's own server. */
export type DeclaredRoutes = (fastify: FastifyInstance, answers: Answers) => void

/** An app whose data is open: everything that runs from opening to closing. */
export class Runtime {
  readonly options: ResolvedOptions
  readonly storage: Storage
  readonly journal: Journal
  readonly actions: Actions
  readonly streams: EventStreams = new EventStreams()
  readonly host: PluginHost
  readonly boundary: Boundary
  readonly handle: AppHandle
  readonly #owner: Owner
  readonly #server: Server
  readonly #core: FastifyInstance
  readonly #callers = new WeakMap<IncomingMessage, Caller>()

  private constructor(options: ResolvedOptions, owner: Owner) {
    this.options = options
    this.#owner = owner
    this.storage = openStorage(`${options.data}/${options.workspace}.db`)
    this.journal = openJournal(this.storage)
    this.boundary = new Boundary(options.data, owner.key)
    const settled: ((event: Settled) => void)[] = []
    const own = new Map<string, Action>()
    const environment: CallEnvironment = {
      storage: this.storage,
      get: (id) => own.get(id) ?? this.host.find(id.slice(0, id.indexOf('.')))?.actions.get(id),
      announce: (topics, entry) => this.#announce(topics, entry),
      report: (action, error) => report(`The action “${action.id}” threw:`, error),
    }
    const looks = lookActions({
      journal: this.journal,
      list: () => this.actions.list(),
      plugins: () => this.host.all,
    })
    for (const action of [...undoActions({ journal: this.journal, get: environment.get }), ...looks])
      own.set(action.id, action)
    this.actions = {
      list: () => [
        ...this.host.contributions.flatMap(({ actions }) => [...actions.values()]),
        ...own.values(),
      ],
      get: environment.get,
      call: (id, input, asked: CallOptions) => call(environment, id, input, asked),
    }
    this.handle = {
      title: options.title,
      db: this.storage.db,
      actions: this.actions,
      journal: this.journal,
      streams: this.streams,
      dataFolder: options.data,
      reader: (table) => this.storage.reader(table),
      write: (name, work) => this.storage.write(name, work),
      announce: (topics) => this.#announce(topics),
      plugins: () => this.host.contributions.map(({ plugin }) => plugin),
      onSettled: (listener) => void settled.push(listener),
    }
    const answers = new Answers(
      frameOf(this.handle, () => this.host),
      (plugin, error) => report(plugin ? `A page of “${plugin.name}” threw:` : 'A page threw:', error),
    )
    const route = (
      fastify: FastifyInstance,
      path: string,
      plugin: Plugin,
      handler: Parameters<Answers['route']>[3],
    ): void => answers.route(fastify, path, titleOf(plugin), handler, plugin)
    this.host = new PluginHost({ app: this.handle, services: new Map(), route }, this.storage)
    this.#core = Fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } })
    const caller = (request: { raw: IncomingMessage }): { actor: Actor; confirmed: boolean } =>
      this.#callerOf(request.raw)
    routeAssets(this.#core)
    routePages(this.#core, { app: this.handle, host: this.host, answers })
    routeApi(this.#core, { actions: this.actions, answers, caller })
    routeApprovals(this.#core, {
      actions: this.actions,
      storage: this.storage,
      answers,
      caller,
      announce: environment.announce,
      settled,
    })
    this.#core.post('/-/token', (request, reply) =>
      this.#callers.get(request.raw) === 'bearer' ? { url: this.entrance() } : reply.code(403).send(),
    )
    this.#core.setNotFoundHandler((request, reply) => {
      const name = request.url.split(/[/?]/)[1] ?? ''
      const hosted = this.host.all.find((each) => each.name === name)
      const missing = localappError(
        'LOCALAPP_NOT_FOUND',
        `There is no page at ${request.url.split('?')[0]}.`,
        'Look into the menu.',
      )
      return answers.failure(request, reply, hosted?.error ?? missing)
    })
    this.#answers = answers
    this.#server = createServer((request, response) => this.#dispatch(request, response))
  }

  readonly #answers: Answers

  /** Opens the data, loads the plugins, and is ready to be called or to listen. */
  static async open(options: ResolvedOptions, owner: Owner, routes: DeclaredRoutes): Promise<Runtime> {
    const runtime = new Runtime(options, owner)
    for (const table of [...journalTables, approvals]) await runtime.storage.follow(table)
    await runtime.#closeCutOff()
    routes(runtime.#core, runtime.#answers)
    await runtime.host.load(findPlugins(options.plugins, options.root))
    await runtime.#core.ready()
    return runtime
  }

  /** Listens on 127.0.0.1. Throws `LOCALAPP_PORT_IN_USE`. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const fix = 'Stop the other program, or choose another port with --port.'
        reject(
          error.code === 'EADDRINUSE' || error.code === 'EACCES'
            ? localappError(
                'LOCALAPP_PORT_IN_USE',
                `Port ${port} cannot be used: another program has it.`,
                fix,
                error,
              )
            : error,
        )
      })
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    const listening = (this.#server.address() as AddressInfo).port
    this.boundary.port = listening
    this.#owner.publish(listening)
    return listening
  }

  /** The address that lets one browser in, once. */
  entrance(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/?token=${this.boundary.issueToken()}`
  }

  /** Ends requests, plugins and streams, then closes the file and frees the workspace. */
  async close(): Promise<void> {
    this.streams.close()
    if (this.#server.listening) {
      const closed = new Promise((resolve) => this.#server.close(resolve))
      this.#server.closeAllConnections()
      await closed
    }
    await this.host.close()
    await this.#core.close()
    this.storage.close()
    this.#owner.release()
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    const verdict = this.boundary.check(request)
    if (!('caller' in verdict)) {
      answerVerdict(verdict, response)
      return
    }
    this.#callers.set(request, verdict.caller)
    for (const name in securityHeaders) response.setHeader(name, securityHeaders[name] ?? '')
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    if (path === '/-/events' && request.method === 'GET') {
      this.streams.open(response)
      return
    }
    const end = path.indexOf('/', 1)
    const plugin = this.host.find(path.slice(1, end === -1 ? undefined : end))
    ;(plugin?.fastify ?? this.#core).routing(request, response)
  }

  #callerOf(request: IncomingMessage): { actor: Actor; confirmed: boolean } {
    if (this.#callers.get(request) === 'page') return { actor: { kind: 'user' }, confirmed: true }
    const said = request.headers['localapp-command-line']
    if (said === undefined) return { actor: { kind: 'program' }, confirmed: false }
    return { actor: { kind: 'cli' }, confirmed: said === 'confirmed' }
  }

  #announce(topics: readonly string[], entry?: number): void {
    this.streams.changed(entry === undefined ? topics : [...topics, 'localapp_entry'])
    if (entry !== undefined) this.streams.toast(toastFor(this.journal.get(entry)))
  }

  /** Work that a killed process had begun did not come to its end: the journal says so. */
  async #closeCutOff(): Promise<void> {
    const begun = this.storage.reader(entries).all({ where: [['state', '=', 'begun']] })
    if (begun.length === 0) return
    await this.storage.write('close what was cut off', (tx) => {
      for (const { id } of begun)
        tx.table(entries).update(id, { state: 'failed', error: 'The app was stopped before this was done.' })
    })
  }
}

function report(what: string, error: unknown): void {
  process.stderr.write(`${what} ${error instanceof Error ? error.stack : error}\n`)
}
