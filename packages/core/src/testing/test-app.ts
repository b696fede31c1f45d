import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../action/action.ts'
import type { CallOptions } from '../action/call.ts'
import { type App, type AppOptions, fastApp } from '../app/app.ts'

/** Options of {@link testApp}: those of an app; without `data`, a new folder that goes with the test. */
export interface TestAppOptions extends Omit<AppOptions, 'port'> {}

/** One request to a test app. */
export interface InjectOptions {
  /** Default: GET. */
  readonly method?: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object goes as JSON, `URLSearchParams` as a form, text as it is. */
  readonly payload?: string | URLSearchParams | object
  /** Whether the request comes from the app's own page, let in already. Default: true. */
  readonly asPage?: boolean
}

/** The whole answer to a request. */
export interface InjectResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  json(): unknown
}

/** An app that a test runs. */
export interface TestApp extends App {
  readonly url: string
  readonly port: number
  readonly data: string
  /** Calls an action as the user, unless told otherwise. */
  call(id: string, input?: unknown, options?: Partial<CallOptions>): Promise<Outcome>
  /** Sends a request over real HTTP, as the app's own page would. */
  inject(options: InjectOptions): Promise<InjectResponse>
}

/**
 * Starts an app on a free port with an empty data folder, which `close` removes.
 *
 * @example
 * ```ts
 * const app = await testApp({ plugins: [Todo] })
 * await app.call('todo.create', { title: 'Buy milk' })
 * await app.close()
 * ```
 */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'localapp-test-'))
  const app = await fastApp({ plugins: [], root: data, ...options, data, port: 0 })
  const close = app.close.bind(app)
  const { url: entrance, port } = await app.serve()
  const { headers } = await send(port, { url: entrance })
  const page = {
    cookie: String(headers['set-cookie']).split(';', 1)[0] ?? '',
    'sec-fetch-site': 'same-origin',
    origin: `http://127.0.0.1:${port}`,
  }
  const { url } = await app.serve()
  return Object.assign(app, {
    url,
    port,
    data,
    inject: (asked: InjectOptions) =>
      send(port, { ...asked, headers: { ...(asked.asPage === false ? {} : page), ...asked.headers } }),
    call: (id: string, input: unknown = {}, asked: Partial<CallOptions> = {}) =>
      app.actions.call(id, input, { actor: { kind: 'user' }, ...asked }),
    async close() {
      await close()
      if (options.data === undefined) rmSync(data, { recursive: true, force: true })
    },
  })
}

function send(
  port: number,
  { method = 'GET', url, headers = {}, payload }: InjectOptions,
): Promise<InjectResponse> {
  const isForm = payload instanceof URLSearchParams
  const body =
    payload === undefined || typeof payload === 'string'
      ? payload
      : isForm
        ? String(payload)
        : JSON.stringify(payload)
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const sent = {
    host: `127.0.0.1:${port}`,
    ...(body === undefined
      ? {}
      : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: url.replace(/^http:\/\/[^/]+/, ''),
        headers: sent,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({
            statusCode: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            json: () => JSON.parse(text),
          })
        })
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}
