import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import { admin } from '@localapp/admin'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { root } from '../scripts/root.ts'
import { blocksOf } from './blocks.ts'

const recipes = blocksOf('docs/cookbook.md', 'ts')

let folder = ''
let app: TestApp
beforeAll(async () => {
  // From here the packages are found as an app of a user's finds them.
  folder = mkdtempSync(join(root, 'examples/home/cookbook-'))
  for (const { heading, code } of recipes)
    writeFileSync(join(folder, `${heading.replaceAll(' ', '-')}.ts`), code)
  app = await testApp({ plugins: [folder, admin()] })
})
afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

/** What an action gave; the test fails where it was refused. */
async function done(id: string, input: object = {}): Promise<unknown> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(`${id}: ${JSON.stringify(outcome)}`)
  return outcome.output
}

async function pageAt(url: string): Promise<string> {
  const { statusCode, body } = await app.inject({ url })
  expect(statusCode).toBe(200)
  return body
}

/** The entry of the journal that a call made. */
async function entryOf(id: string, input: object): Promise<number> {
  const outcome = await app.call(id, input)
  expect(outcome).toMatchObject({ status: 'done' })
  return outcome.status === 'done' ? Number(outcome.entry) : 0
}

/** A server on this machine that stands for the network. */
async function elsewhere(answer: (path: string) => { status: number; body?: string }): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const { status, body } = answer(url)
    response.writeHead(status, { 'content-type': 'text/html' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the ten plugins run side by side', async () => {
  expect(recipes).toHaveLength(10)
  expect(app.plugins().map(({ name, state, error }) => [name, state, error?.message])).toEqual(
    app.plugins().map(({ name }) => [name, 'loaded', undefined]),
  )
  const links = Array.from((await pageAt('/')).matchAll(/<a href="(\/[a-z][^"]*)"/g), ([, href = '']) => href)
  expect(new Set(links).size).toBeGreaterThan(9)
  for (const link of new Set(links)) await pageAt(link)
})

test('bookmarks: those that do not answer are found', async () => {
  const site = await elsewhere((path) => ({ status: path === '/fine' ? 200 : 404 }))
  for (const path of ['/fine', '/gone'])
    await done('bookmark.create', { title: path, address: `${site}${path}` })
  expect(await app.call('bookmark.check')).toMatchObject({ summary: 'Asked all bookmarks: 1 broken' })
  expect(await done('bookmark.list', { state: 'broken' })).toMatchObject({ rows: [{ title: '/gone' }] })
  expect(await app.call('bookmark.check', {}, { actor: { kind: 'model' } })).toMatchObject({
    status: 'approval',
  })
  expect(await pageAt('/bookmark')).toContain('action="/api/bookmark/check"')
})

test('habits: a tick comes, counts and goes', async () => {
  await done('habit.add', { title: 'Walk' })
  const [today, yesterday] = [0, 1].map((days) => {
    const day = new Date()
    day.setDate(day.getDate() - days)
    return day.toLocaleDateString('sv')
  })
  await done('habit.tick', { habit: 1, day: yesterday })
  expect(await done('habit.tick', { habit: 1, day: today })).toBe(`Walk, ${today}: done`)
  expect(await pageAt('/habit')).toMatch(/<td>2<\/td><\/tr>/)
  expect(await done('habit.tick', { habit: 1, day: today })).toBe(`Walk, ${today}: not done`)
  expect(await pageAt('/habit')).toMatch(/<td>1<\/td><\/tr>/)
})

test('a reading log: fields are checked together', async () => {
  const refused = async (record: object): Promise<unknown> => {
    const outcome = await app.call('reading.create', { title: 'Emma', ...record })
    return outcome.status === 'invalid' && outcome.messages
  }
  expect(await refused({ state: 'read' })).toEqual({ ended: 'Say when you were done.' })
  expect(await refused({ rating: 3 })).toEqual({ rating: 'Rate it when it is read.' })
  expect(await refused({ began: '2026-02-01', ended: '2026-01-01' })).toEqual({
    ended: 'It ended before it began.',
  })
  await done('reading.create', { title: 'Emma', state: 'read', ended: '2026-01-01', rating: 5 })
})

test('import: all or none, and one Undo', async () => {
  const load = (json: string): ReturnType<TestApp['call']> => app.call('contact.import', { json })
  const count = async (): Promise<number> =>
    ((await done('contact.list')) as { rows: readonly unknown[] }).rows.length
  expect(await load('{}')).toMatchObject({ messages: { json: 'This is no JSON array.' } })
  expect(await load('[{ "name": "Ann" }, { "name": "Bob", "born": "soon" }]')).toMatchObject({
    messages: { json: 'Entry 2: Born must be a date like 2026-11-23.' },
  })
  expect(await count()).toBe(0)
  const entry = await entryOf('contact.import', { json: '[{ "name": "Ann" }, { "name": "Bob" }]' })
  expect(await count()).toBe(2)
  await done('journal.undo', { entry })
  expect(await count()).toBe(0)
  const payload = new URLSearchParams({ json: '[{ "name": "Cleo" }]' })
  const sent = await app.inject({ method: 'POST', url: '/api/contact/import', payload })
  expect([sent.statusCode, sent.headers.location]).toEqual([303, '/contact'])
})

test('spending: the chart has a bar for each month', async () => {
  for (const [day, cents] of [
    ['2026-01-03', 1_250],
    ['2026-01-04', 50],
    ['2026-02-01', 2_600],
  ])
    await done('spending.create', { what: 'Bread', day, cents })
  const page = await pageAt('/spending/chart')
  expect(page.match(/<rect [^>]*width="[\d.]+%"/g)).toHaveLength(2)
  expect(page).toContain('2026-01: 13.00, 2026-02: 26.00')
  expect(await pageAt('/')).toContain('id="spending-card"')
})

test('an inbox: the page follows the folder, and what was archived comes back', async () => {
  const inbox = join(app.data, 'home/inbox')
  const stop = new AbortController()
  const { headers } = await fetch(app.url, { redirect: 'manual' })
  const stream = await fetch(new URL('/-/events', app.url), {
    headers: { cookie: String(headers.get('set-cookie')) },
    signal: stop.signal,
  })
  writeFileSync(join(inbox, 'letter.txt'), 'Dear Ann')
  for await (const events of stream.body ?? []) if (String(Buffer.from(events)).includes('["inbox"]')) break
  stop.abort()
  expect(await pageAt('/inbox')).toContain('letter.txt')
  const entry = await entryOf('inbox.archive', { file: 'letter.txt' })
  expect([readdirSync(inbox), existsSync(join(inbox, 'archive/letter.txt'))]).toEqual([['archive'], true])
  expect(await app.call('inbox.archive', { file: '../cookie.key' })).toMatchObject({ status: 'invalid' })
  await done('journal.undo', { entry })
  expect(readFileSync(join(inbox, 'letter.txt'), 'utf8')).toBe('Dear Ann')
  writeFileSync(join(inbox, 'archive/letter.txt'), 'An older one')
  expect(await app.call('inbox.archive', { file: 'letter.txt' })).toMatchObject({
    error: { code: 'LOCALAPP_CONFLICT' },
  })
})

test('notes: files are shown and found, and nothing else is', async () => {
  const notes = join(app.data, 'home/notes')
  mkdirSync(notes, { recursive: true })
  writeFileSync(join(notes, 'Garden plan.md'), '# Garden\nBeans <b>and</b> peas')
  expect(await pageAt('/notes/Garden%20plan.md')).toContain('Beans &lt;b&gt;and&lt;/b&gt; peas')
  expect(await pageAt('/-/search?q=beans')).toContain('href="/notes/Garden%20plan.md"')
  expect((await app.inject({ url: '/notes/..%2F..%2Fcookie.key' })).statusCode).toBe(404)
})

test('today: the command prints what was done', async () => {
  const main = join(folder, '_app.ts')
  writeFileSync(
    main,
    `import { fastApp } from '@localapp/core'\nawait (await fastApp({ plugins: ['.'] })).run()\n`,
  )
  const data = join(folder, '_data')
  const run = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(execPath, [
      '--conditions=@localapp/source',
      main,
      ...args,
      '--data',
      data,
    ])
    return stdout
  }
  await run('call', 'habit.add', '{"title":"Read"}')
  expect(await run('today')).toMatch(/^- \S.* Began the habit “Read”\n$/)
})

test('a copy of a page: it is tried again, shown, and kept', async () => {
  let asked = 0
  const site = await elsewhere(() => {
    asked++
    return asked < 3 ? { status: 503 } : { status: 200, body: '<title> News </title><p>Hello' }
  })
  await done('page-copy.start')
  await done('page-copy.answer-page', { run: 1, address: `${site}/` })
  expect(await done('page-copy.show', { run: 1, seconds: 10 })).toMatchObject({
    step: 'keep',
    state: 'waiting',
  })
  expect(asked).toBe(3)
  expect(await pageAt('/page-copy/1')).toContain('<strong>News</strong>')
  await done('page-copy.answer-keep', { run: 1 })
  expect(await done('page-copy.show', { run: 1, seconds: 10 })).toMatchObject({ state: 'done' })
  expect(readFileSync(join(app.data, 'home/page-copy/1/page.html'), 'utf8')).toContain('<p>Hello')
})

test('CSV: all of a list, and no formulas', async () => {
  for (let i = 0; i < 230; i++)
    await done('bookmark.create', { title: `=${i}`, address: 'https://example.org/' })
  const { headers, body } = await app.inject({ url: '/csv/bookmark' })
  expect(headers['content-type']).toBe('text/csv; charset=utf-8')
  const [names = '', ...lines] = body.trim().split('\r\n')
  expect(names).toContain('"title","address"')
  expect(lines.filter((line) => line.includes(`"'=`))).toHaveLength(230)
  expect((await app.inject({ url: '/csv/nothing' })).statusCode).toBe(404)
  expect((await app.inject({ url: '/csv/bookmark', asPage: false })).statusCode).toBe(401)
})
