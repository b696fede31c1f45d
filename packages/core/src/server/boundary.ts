import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify, { type FastifyRequest } from 'fastify'
import type { Actor } from '../action/action.ts'
import { isLocalappError, localappError } from '../error/error.ts'
import { type PluginHost, routerOptions } from '../plugin/host.ts'
import { dataError } from '../storage/connection.ts'
import type { Owner } from '../storage/ownership.ts'

// An import of it would load its WebSocket too, and 60 ms go.
const { createServer } = process.getBuiltinModule('node:http')

/** Headers of every answer. No inline script or style, no frames around it, nothing from elsewhere. */
const securityHeaders = new Map(
  Object.entries({
    'content-security-policy':
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; " +
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  }),
)

/**
 * The one server of an app, and what it lets in: a web page that was opened elsewhere must not learn or do anything
 * here; programs of the user bring a key.
 */
export class Boundary {
  /** The app's own routes. Those of a plugin are answered by the plugin's instance. */
  readonly fastify = Fastify({
    routerOptions,
    forceCloseConnections: true,
    serverFactory: (own) =>
      createServer((request, response) => {
        const [path = ''] = (request.url ?? '').split('?', 1)
        const plugin = this.#host.at(path)
        response.setHeaders(securityHeaders)
        try {
          const redirect = this.#check(request, plugin?.name)
          if (redirect) return response.writeHead(303, redirect).end()
        } catch (thrown) {
          if (!isLocalappError(thrown)) throw thrown
          const { status, message, fix } = thrown
          response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
          return response.end(`${message}\n${fix}\n`)
        }
        const answer = plugin?.fastify.routing ?? own
        return answer(request, response)
      }),
  })
  readonly #host: PluginHost
  readonly #owner: Owner
  readonly #secret: Buffer
  readonly #tokens = new Set<string>()
  /** Of programs, for the routes of one plugin each. */
  readonly keys = new Map<string, string>()
  /** Hosts, origins and the cookie's name are those of the port that is listened on. */
  #port = 0

  /** `dataFolder` keeps the secret that signs cookies. */
  constructor(dataFolder: string, owner: Owner, host: PluginHost) {
    this.#secret = secretIn(dataFolder)
    this.#owner = owner
    this.#host = host
  }

  /**
   * Listens on 127.0.0.1, if it does not yet, and makes an address for one visit: whoever opens it first gets the
   * cookie. Throws `LOCALAPP_PORT_IN_USE`.
   */
  async entrance(port: number) {
    const { server } = this.fastify
    try {
      if (!server.listening) await this.fastify.listen({ port, host: '127.0.0.1' })
    } catch (cause) {
      const what = `Port ${port} cannot be used: another program has it, or it is not yours to use.`
      const fix =
        'Choose another from 0 to 65535 with --port, where 0 takes a free one, or stop the other program.'
      throw localappError('LOCALAPP_PORT_IN_USE', what, fix, cause)
    }
    this.#port = (server.address() as AddressInfo).port
    this.#owner.publish(this.#port)
    const token = randomBytes(24).toString('base64url')
    this.#tokens.add(token)
    return { url: `http://127.0.0.1:${this.#port}/?token=${token}`, port: this.#port }
  }

  /**
   * Checks Host, then where a request comes from, then what it brings to show that it may. Returns the
   * headers of a redirect where there should be one; throws what refuses it.
   */
  #check(request: IncomingMessage, plugin = '') {
    const host = request.headers.host ?? ''
    const own = `127.0.0.1:${this.#port}`
    if (host !== own && host !== `localhost:${this.#port}`) {
      const what = `This address (${host.slice(0, 80)}) is not the app's own.`
      throw localappError('LOCALAPP_FORBIDDEN', what, `Open http://${own}/ instead.`)
    }
    const url = URL.parse(request.url ?? '/', `http://${host}`)
    if (!url || !request.url?.startsWith('/'))
      throw localappError('LOCALAPP_BAD_REQUEST', 'This address cannot be read.', 'Use a path of the app.')
    const authorization = request.headers.authorization
    if (authorization !== undefined) {
      const keys = [this.#owner.key, this.keys.get(plugin)]
      if (keys.some((key) => key && equal(authorization, `Bearer ${key}`))) return
      throw notYours()
    }
    const writes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? 'GET')
    if (writes && !this.#isOwnOrigin(request, host)) {
      const what = 'Another page asked for this, not the app itself.'
      throw localappError('LOCALAPP_FORBIDDEN', what, 'Do it in the app.')
    }
    const token = url.searchParams.get('token')
    const isEntering = token !== null && !writes
    const isNew = isEntering && this.#tokens.delete(token)
    if (!isNew && !this.#hasCookie(request)) throw notYours()
    if (!isEntering) return
    // A used link in a browser that is let in anyway, as after a reload, just goes on.
    url.searchParams.delete('token')
    const location = ownPath(`${url.pathname}${url.search}`)
    if (!isNew) return { location }
    // It outlives restarts of the app.
    const id = randomBytes(16).toString('base64url')
    const cookie = `${this.#cookieName}=${id}.${this.#sign(id)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`
    return { location, 'set-cookie': cookie }
  }

  /** Sec-Fetch-Site where the browser sends it, else Origin. With neither, a write by cookie is refused. */
  #isOwnOrigin(request: IncomingMessage, host: string) {
    const site = request.headers['sec-fetch-site']
    const { origin } = request.headers
    if (origin !== undefined && origin !== `http://${host}`) return false
    return site === undefined ? origin !== undefined : site === 'same-origin'
  }

  #hasCookie(request: IncomingMessage) {
    return (request.headers.cookie ?? '').split(';').some((pair) => {
      const [name, id = '', signature = ''] = pair.trim().split(/[=.]/)
      return name === this.#cookieName && id !== '' && equal(signature, this.#sign(id))
    })
  }

  get #cookieName() {
    return `localapp-${this.#port}`
  }

  #sign(id: string) {
    return createHmac('sha256', this.#secret).update(`${this.#cookieName}.${id}`).digest('base64url')
  }
}

/** Who a request that was let in is from: a program, which has a key, or a page, which is the user. */
export const caller = ({ headers }: FastifyRequest): Actor => ({
  kind: headers.authorization === undefined ? 'user' : 'program',
})

/** Where a redirect may go: the path of an address and never its host, so that it stays here. */
export function ownPath(target: string | undefined) {
  const url = URL.parse(target ?? '/', 'http://localapp.invalid')
  return url?.pathname.startsWith('/') ? `${url.pathname.replace(/^\/{2,}/, '/')}${url.search}` : '/'
}

const notYours = () =>
  localappError(
    'LOCALAPP_UNAUTHORIZED',
    'This browser has not been let in yet.',
    'Open the address that the app printed in its terminal. “localapp start” prints a new one at any time.',
  )

function secretIn(folder: string) {
  const file = join(folder, 'cookie.key')
  try {
    const kept = statSync(file, { throwIfNoEntry: false })
    // One that a crash cut off is no secret: an empty key is known to everybody.
    if (kept?.size !== 32) writeFileSync(file, randomBytes(32), { mode: 0o600 })
    chmodSync(file, 0o600)
    return readFileSync(file)
  } catch (error) {
    throw dataError(file, error)
  }
}

function equal(given: string, expected: string) {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
