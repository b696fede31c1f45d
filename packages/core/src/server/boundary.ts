import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type LocalappError, localappError } from '../error/error.ts'

export type Caller = 'page' | 'bearer'

export type Verdict =
  | { readonly caller: Caller }
  | { readonly redirect: string; readonly cookie: string }
  | { readonly refused: LocalappError }

/** Headers of every answer. No inline script or style, no frames around it, nothing from elsewhere. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS']
/** A web page that was opened elsewhere must not learn or do anything here; programs of the user bring a key. */
export class Boundary {
  readonly #secret: Buffer
  readonly #bearer: string
  readonly #tokens = new Set<string>()
  #port = 0

  /** `bearer` is the key of the lock file; `dataFolder` keeps the secret that signs cookies. */
  constructor(dataFolder: string, bearer: string) {
    this.#secret = secretIn(dataFolder)
    this.#bearer = bearer
  }

  /** The port that is listened on: hosts, origins and the cookie's name are those of this port. */
  set port(port: number) {
    this.#port = port
  }

  /** A token for one visit: whoever opens `/?token=…` first gets the cookie. */
  issueToken(): string {
    const token = randomBytes(24).toString('base64url')
    this.#tokens.add(token)
    return token
  }

  /** The cookie of a browser that has shown its token, as `name=value`. It outlives restarts of the app. */
  issueCookie(): string {
    const id = randomBytes(16).toString('base64url')
    return `${this.#cookieName}=${id}.${this.#sign(id)}`
  }

  /** Checks one request: Host, then where it comes from, then what it brings to show that it may. */
  check(request: IncomingMessage): Verdict {
    const host = request.headers.host ?? ''
    if (!this.#hosts.includes(host)) {
      const what = `This address (${host.slice(0, 80)}) is not the app's own.`
      return { refused: localappError('LOCALAPP_FORBIDDEN', what, `Open http://${this.#hosts[0]}/ instead.`) }
    }
    const url = URL.parse(request.url ?? '/', `http://${host}`)
    if (!url || !request.url?.startsWith('/')) {
      return {
        refused: localappError(
          'LOCALAPP_BAD_REQUEST',
          'This address cannot be read.',
          'Use a path of the app.',
        ),
      }
    }
    const authorization = request.headers.authorization
    if (authorization !== undefined) {
      return equal(authorization, `Bearer ${this.#bearer}`) ? { caller: 'bearer' } : { refused: notYours() }
    }
    const writes = !safeMethods.includes(request.method ?? 'GET')
    if (writes && !this.#isOwnOrigin(request, host)) {
      const what = 'Another page asked for this, not the app itself.'
      return { refused: localappError('LOCALAPP_FORBIDDEN', what, 'Do it in the app.') }
    }
    const token = url.searchParams.get('token')
    if (token !== null && !writes) return this.#exchange(token, url, request)
    return this.#hasCookie(request) ? { caller: 'page' } : { refused: notYours() }
  }

  #exchange(token: string, url: URL, request: IncomingMessage): Verdict {
    url.searchParams.delete('token')
    const redirect = `${url.pathname.replace(/^\/{2,}/, '/')}${url.search}`
    if (this.#tokens.delete(token)) {
      return {
        redirect,
        cookie: `${this.issueCookie()}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`,
      }
    }
    // A used link in a browser that is let in anyway, as after a reload, just goes on.
    return this.#hasCookie(request) ? { redirect, cookie: '' } : { refused: notYours() }
  }

  /** Sec-Fetch-Site where the browser sends it, else Origin. With neither, a write by cookie is refused. */
  #isOwnOrigin(request: IncomingMessage, host: string): boolean {
    const site = request.headers['sec-fetch-site']
    const { origin } = request.headers
    if (origin !== undefined && origin !== `http://${host}`) return false
    return site === undefined ? origin !== undefined : site === 'same-origin'
  }

  #hasCookie(request: IncomingMessage): boolean {
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const [name, value = ''] = pair.trim().split('=', 2)
      const [id = '', signature = ''] = value.split('.', 2)
      if (name === this.#cookieName && id !== '' && equal(signature, this.#sign(id))) return true
    }
    return false
  }

  get #hosts(): readonly string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`]
  }

  get #cookieName(): string {
    return `localapp-${this.#port}`
  }

  #sign(id: string): string {
    return createHmac('sha256', this.#secret).update(`${this.#cookieName}.${id}`).digest('base64url')
  }
}

export function answerVerdict(verdict: Exclude<Verdict, { caller: Caller }>, response: ServerResponse): void {
  if ('redirect' in verdict) {
    const cookie = verdict.cookie === '' ? {} : { 'set-cookie': verdict.cookie }
    response.writeHead(303, { ...securityHeaders, location: verdict.redirect, ...cookie }).end()
    return
  }
  const { refused } = verdict
  response
    .writeHead(refused.status, { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' })
    .end(`${refused.message}\n${refused.fix}\n`)
}

/** Where a redirect may go: the path of an address and never its host, so that it stays here. */
export function ownPath(target: string | undefined): string {
  const url = URL.parse(target ?? '/', 'http://localapp.invalid')
  return url?.pathname.startsWith('/') ? `${url.pathname.replace(/^\/{2,}/, '/')}${url.search}` : '/'
}

const notYours = (): LocalappError =>
  localappError(
    'LOCALAPP_UNAUTHORIZED',
    'This browser has not been let in yet.',
    'Open the address that the app printed in its terminal. “localapp start” prints a new one at any time.',
  )

function secretIn(folder: string): Buffer {
  const file = join(folder, 'cookie.key')
  const kept = statSync(file, { throwIfNoEntry: false })
  // One that a crash cut off is no secret: an empty key is known to everybody.
  if (kept?.size !== 32) writeFileSync(file, randomBytes(32), { mode: 0o600 })
  chmodSync(file, 0o600)
  return readFileSync(file)
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
