import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Actor } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import type { EventStreams } from '../page/stream.ts'
import type { PluginHost } from '../plugin/host.ts'
import { answerVerdict, Boundary, type Caller, securityHeaders } from '../server/boundary.ts'
import type { Owner } from '../storage/ownership.ts'

/** The one server of an app: the boundary before everything, then a plugin's routes or the app's own. */
export class AppServer {
  /** The app's own routes. */
  readonly core: FastifyInstance = Fastify({
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
  })
  readonly #host: PluginHost
  readonly #streams: EventStreams
  readonly #owner: Owner
  readonly #boundary: Boundary
  readonly #callers = new WeakMap<IncomingMessage, Caller>()
  readonly #server: Server = createServer((request, response) => this.#dispatch(request, response))

  constructor(host: PluginHost, streams: EventStreams, dataFolder: string, owner: Owner) {
    this.#host = host
    this.#streams = streams
    this.#owner = owner
    this.#boundary = new Boundary(dataFolder, owner.key)
    this.core.post('/-/token', (request, reply) =>
      this.#callers.get(request.raw) === 'bearer' ? { url: this.#entrance } : reply.code(403).send(),
    )
  }

  /** Listens on 127.0.0.1, if it does not yet, and makes an address that lets one browser in, once. */
  async listen(wanted: number): Promise<{ url: string; port: number }> {
    if (!this.#server.listening) {
      this.#server.listen(wanted, '127.0.0.1')
      await once(this.#server, 'listening').catch((cause) => {
        const what = `Port ${wanted} cannot be used: another program has it, or it is not yours to use.`
        const fix = 'Stop the other program, or choose another port with --port.'
        throw localappError('LOCALAPP_PORT_IN_USE', what, fix, cause)
      })
      this.#boundary.port = this.#port
      this.#owner.publish(this.#port)
    }
    return { url: this.#entrance, port: this.#port }
  }

  /** Who a request is from, and whether they said yes to what it does. */
  callerOf({ raw }: { raw: IncomingMessage }): { actor: Actor; confirmed: boolean } {
    if (this.#callers.get(raw) === 'page') return { actor: { kind: 'user' }, confirmed: true }
    const said = raw.headers['localapp-command-line']
    return { actor: { kind: said === undefined ? 'program' : 'cli' }, confirmed: said === 'confirmed' }
  }

  async close(): Promise<void> {
    this.#streams.close()
    if (this.#server.listening) {
      const closed = once(this.#server, 'close')
      this.#server.close()
      this.#server.closeAllConnections()
      await closed
    }
    await this.core.close()
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get #entrance(): string {
    return `http://127.0.0.1:${this.#port}/?token=${this.#boundary.issueToken()}`
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    const verdict = this.#boundary.check(request)
    if (!('caller' in verdict)) {
      answerVerdict(verdict, response)
      return
    }
    this.#callers.set(request, verdict.caller)
    for (const name in securityHeaders) response.setHeader(name, securityHeaders[name] ?? '')
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    if (path === '/-/events' && request.method === 'GET') {
      this.#streams.open(response)
      return
    }
    const plugin = this.#host.find(path.split('/', 2)[1] ?? '')
    ;(plugin?.fastify ?? this.core).routing(request, response)
  }
}
