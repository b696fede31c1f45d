import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { admin } from '@localapp/admin'
import { type InjectOptions, type TestApp, testApp } from '@localapp/core/testing'
import { assistant } from '@localapp/llm'
import { scripted } from '@localapp/llm/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'
import { temporaryFolder } from './home.ts'

let app: TestApp
let origin: string
/** What a browser that was let in brings, and nothing else of what it sends. */
let cookie: string

beforeAll(async () => {
  app = await testApp({ plugins: [Todo, admin(), assistant({ model: scripted([]) })] })
  origin = `http://127.0.0.1:${app.port}`
  const { headers } = await app.inject({ url: await token(), asPage: false })
  cookie = String(headers['set-cookie']).split(';', 1)[0] ?? ''
})
afterEach(async () => {
  expect(await app.db.selectFrom('todo').selectAll().execute()).toEqual([])
})
afterAll(() => app.close())

/** A new address that lets one browser in, as a path. */
const token = async (): Promise<string> => (await app.serve()).url.slice(origin.length)
const status = async (asked: InjectOptions): Promise<number> =>
  (await app.inject({ asPage: false, ...asked })).statusCode
const create = { method: 'POST', url: '/api/todo/create', payload: { title: 'not mine' } }

/** Sends bytes that no HTTP client would, and gives the first line of the answer. */
async function raw(request: string): Promise<string> {
  const socket = connect(app.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.end(request)
  const [line = ''] = (await text(socket)).split('\r\n', 1)
  return line
}

describe('a name that leads here, as DNS rebinding makes one', () => {
  test.each([
    'evil.example:PORT',
    'evil.example',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1:PORT.evil.example',
    'localhost.evil.example:PORT',
    '127.1:PORT',
    '0.0.0.0:PORT',
    '[::1]:PORT',
    'user@127.0.0.1:PORT',
  ])('“%s” is not ours', async (name) => {
    const host = name.replace('PORT', String(app.port))
    const url = await token()
    expect(await status({ url: '/todo', headers: { host, cookie } })).toBe(403)
    expect(await status({ ...create, headers: { host, cookie, origin: `http://${host}` } })).toBe(403)
    expect(await status({ url, headers: { host } })).toBe(403)
    expect(await status({ url })).toBe(303) // the token is still good
  })

  test('nor is a request without a Host, or one that names another place in its first line', async () => {
    expect(await raw('GET /todo HTTP/1.1\r\nConnection: close\r\n\r\n')).toContain(' 400 ')
    expect(await raw(`GET /todo HTTP/1.0\r\nCookie: ${cookie}\r\n\r\n`)).toContain(' 403 ')
    expect(await raw(`GET /todo HTTP/1.1\r\nHost:\r\nCookie: ${cookie}\r\n\r\n`)).toContain(' 403 ')
    const rest = `Host: 127.0.0.1:${app.port}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`
    expect(await raw(`GET http://evil.example/todo HTTP/1.1\r\n${rest}`)).toContain(' 400 ')
    expect(await raw(`GET /todo HTTP/1.1\r\n${rest}`)).toContain(' 200 ')
  })
})

test.each([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }],
  ['another local app, which the browser calls the same site', { 'sec-fetch-site': 'same-site' }],
  ['a bookmark or a link in a mail', { 'sec-fetch-site': 'none' }],
  ['another port', { origin: 'http://127.0.0.1:1' }],
  ['our other name', { origin: 'http://localhost:PORT' }],
  ['another scheme', { origin: 'https://127.0.0.1:PORT' }],
  ['a sandboxed frame', { origin: 'null' }],
  [
    'a page that claims to be ours to one header only',
    { 'sec-fetch-site': 'same-origin', origin: 'http://a.b' },
  ],
  ['nobody knows where', {}],
])('a write from %s is refused, cookie or not', async (_where, sent: Record<string, string>) => {
  const from = Object.entries(sent).map(([name, value]) => [name, value.replace('PORT', String(app.port))])
  const headers = { ...Object.fromEntries(from), cookie }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect(await status({ ...create, method, headers })).toBe(403)
  const payload = new URLSearchParams({ title: 'not mine' })
  expect(await status({ ...create, payload, headers })).toBe(403)
  expect(await status({ ...create, url: '/api/journal/approve', headers })).toBe(403)
})

test('nothing is written by GET, and no other page may ask for more', async () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS'])
    expect(await status({ method, url: '/api/todo/create?title=x', headers: { cookie } })).toBe(404)
  const preflight = {
    origin: 'http://evil.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  }
  const answer = await app.inject({ method: 'OPTIONS', url: create.url, headers: preflight, asPage: false })
  expect(answer.statusCode).toBe(401)
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

describe('the token of the address and the cookie that it is exchanged for', () => {
  test('without either nothing answers', async () => {
    for (const url of [
      '/',
      '/todo',
      '/-/journal',
      '/-/health',
      '/-/events',
      '/-/assets/style.css',
      '/nowhere',
    ])
      expect(await status({ url }), url).toBe(401)
    expect(await status({ ...create, headers: { origin } })).toBe(401)
    expect(await status({ ...create, headers: { authorization: 'Bearer wrong' } })).toBe(401)
    expect(await status({ ...create, headers: { authorization: 'Bearer ', cookie, origin } })).toBe(401)
  })

  test('a wrong token lets nobody in, a right one does so once', async () => {
    for (const wrong of ['', 'wrong', 'x'.repeat(32)])
      expect(await status({ url: `/?token=${wrong}` })).toBe(401)
    const url = await token()
    expect(await status({ ...create, url, headers: { origin } })).toBe(401)
    const first = await app.inject({ url, asPage: false })
    expect([first.statusCode, first.headers.location]).toEqual([303, '/'])
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^localapp-\d+=[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/),
    ])
    expect(await status({ url })).toBe(401)
  })

  test('a cookie that was not given here does not count', async () => {
    const [name = '', value = ''] = cookie.split('=', 2)
    const [id = '', signature = ''] = value.split('.', 2)
    const forged = [`${name}=`, `${name}=.`, `${name}=${id}`, `${name}=${id}.`, `${name}=${id}x.${signature}`]
    for (const each of [...forged, `localapp-1=${value}`, `other=${value}`])
      expect(await status({ url: '/todo', headers: { cookie: each } }), each).toBe(401)
    expect(await status({ url: '/todo', headers: { cookie: `other=1; ${cookie}` } })).toBe(200)
  })

  test('a key that was cut off by a crash signs nothing', async () => {
    const data = temporaryFolder()
    writeFileSync(join(data, 'cookie.key'), '')
    const other = await testApp({ plugins: [Todo], data })
    const name = `localapp-${other.port}`
    const forged = `${name}=me.${createHmac('sha256', '').update(`${name}.me`).digest('base64url')}`
    const { statusCode } = await other.inject({ url: '/todo', headers: { cookie: forged }, asPage: false })
    await other.close()
    expect(statusCode).toBe(401)
  })

  test('a key that cannot be read stops the start in a sentence', async () => {
    const data = temporaryFolder()
    mkdirSync(join(data, 'cookie.key'))
    await expect(testApp({ plugins: [Todo], data })).rejects.toMatchObject({
      code: 'LOCALAPP_DATA_READ_ONLY',
      message: expect.stringContaining('cookie.key'),
    })
  })
})

describe('a redirect', () => {
  const leadsHere = (location: unknown): void => {
    expect(location).toEqual(expect.any(String))
    expect(new URL(String(location), origin).origin).toBe(origin)
  }

  test.each([
    '//evil.example/',
    '/\\evil.example/',
    '/./\\evil.example/',
    '/.//evil.example/',
    '///evil.example',
  ])('after the token stays here, whatever the path: %s', async (path) => {
    const { statusCode, headers } = await app.inject({
      url: `${path}${(await token()).slice(1)}`,
      asPage: false,
    })
    if (statusCode === 303) leadsHere(headers.location)
    else expect(statusCode).toBe(400)
  })

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example/',
    '/\\evil.example/',
    '\\\\evil.example/',
    '/\t/evil.example/',
    '\n//evil.example/',
    ' https://evil.example/',
    '/.//evil.example/',
    '/todo/..//evil.example/',
    'https:evil.example',
    'http://127.0.0.1:1/',
    'http://[',
    'javascript:alert(1)',
    'data:text/html,x',
    '/todo\r\nset-cookie: a=b',
  ])('after a form stays here, whatever “_return” says: %j', async (target) => {
    const made = await app.call('todo.create', { title: 'Milk' })
    const id = (made as { output: { id: number } }).output.id
    const payload = new URLSearchParams({ id: String(id), _return: target })
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/api/todo/delete', payload })
    expect(statusCode).toBe(303)
    leadsHere(headers.location)
    expect(headers['set-cookie']).toBeUndefined()
  })
})

describe('a path', () => {
  test.each([
    '/-/assets/../../package.json',
    '/-/assets/..%2f..%2f..%2fpackage.json',
    '/-/assets/%2e%2e/%2e%2e/package.json',
    '/-/assets/..\\..\\package.json',
    '/-/assets/style.css%00',
    '/-/assets//etc/passwd',
    '/assistant/../../package.json',
    '/assistant/..%2f..%2fpackage.json',
    '/todo/..%2f..%2f..%2fetc%2fpasswd',
    '/todo/../../home.db',
    '/../../../../etc/passwd',
    '//etc/passwd',
    '/todo/%',
    '/%zz',
    '/%00',
    '/__proto__',
    '/constructor',
    '/todo/constructor',
    '/api/__proto__/toString',
  ])('finds no file, whatever it says: %s', async (url) => {
    const { statusCode, body } = await app.inject({ url })
    expect([400, 404]).toContain(statusCode)
    expect(body).not.toMatch(/"name": "|root:|SQLite format|\n +at /)
    expect(await status({ url })).toBe(401)
  })
})

test('every answer says what a browser may do with it', async () => {
  const answers = [
    await app.inject({ url: '/todo' }),
    await app.inject({ url: '/nowhere' }),
    await app.inject({ url: '/-/assets/style.css' }),
    await app.inject({ url: '/assistant/style.css' }),
    await app.inject({ ...create, payload: {} }),
    await app.inject({ url: '/todo', asPage: false }),
    await app.inject({ url: await token(), asPage: false }),
  ]
  for (const { headers } of answers) {
    const policy = String(headers['content-security-policy'])
    for (const rule of [
      "default-src 'self'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy.split('; ')).toContain(rule)
    expect(policy).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  }
})
