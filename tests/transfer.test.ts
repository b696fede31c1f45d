import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Outcome } from '@localapp/core'
import { fastApp } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { CrudPlugin, t } from '@localapp/crud'
import { transfer } from '@localapp/transfer'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'
import { ended, home, started, temporaryFolder } from './home.ts'

class Book extends CrudPlugin({
  name: 'my-books',
  fields: {
    title: t.text({ search: true }),
    year: t.integer({ optional: true, index: true }),
    read: t.bool({ filter: true }),
    notes: t.longText(),
    tags: t.tags(),
  },
  check: ({ title }) => (title === 'Forbidden' ? { title: 'Not this one.' } : undefined),
}) {}

let app: TestApp
beforeEach(async () => {
  app = await testApp({ plugins: [Book, Todo, transfer()] })
  return () => app.close()
})

async function done<T = Record<string, unknown>>(id: string, input: object): Promise<T> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as T
}

const books = async () => (await done<{ rows: Record<string, unknown>[] }>('my-books.list', {})).rows
const add = (input: object) => done('my-books.create', input)

/** Sends a file as the form of the page does. */
async function upload(content: string | Buffer, plugin = 'my-books', name = 'books.csv') {
  const boundary = '----test'
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
  const body = Buffer.concat([
    Buffer.from(head),
    Buffer.from(content),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const { cookie } = await pageHeaders()
  const response = await fetch(new URL(`/transfer/upload/${plugin}`, app.url), {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie,
      origin: new URL(app.url).origin,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body,
  })
  return {
    status: response.status,
    location: response.headers.get('location') ?? '',
    text: await response.text(),
  }
}

async function pageHeaders() {
  const { url } = await app.serve()
  const response = await fetch(url, { redirect: 'manual' })
  return { cookie: response.headers.get('set-cookie')?.split(';', 1)[0] ?? '' }
}

interface Read {
  id: number
  state: string
  fresh: number
  changing: number
  bad: number
  problems: string[]
  columns: string[]
  message: string | null
}

async function checked(id: number): Promise<Read> {
  for (;;) {
    const read = await done<Read>('transfer.get', { import: id })
    if (read.state !== 'checking') return read
    await setTimeout(10)
  }
}

async function read(content: string | Buffer, plugin?: string, name?: string): Promise<Read> {
  const { status, location, text } = await upload(content, plugin, name)
  if (status !== 303) throw new Error(text)
  return await checked(Number(location.split('/')[2]))
}

const hostile = ['=1+1', "'=1", '<b>&"', '\u202Eabc', ' spaced ', '👩‍👩‍👧', '-3', '[x]', '{"a":1}']

test.each(['csv', 'jsonl'])('what goes out as %s comes in as it was', async (format) => {
  for (const title of hostile)
    await add({ title, notes: `${title}\nand more, "quoted"`, year: -5, read: true, tags: ['a', '=b'] })
  await add({ title: 'Plain', notes: 'x'.repeat(100_000) })
  const before = (await books()).map(({ id: _, version: __, ...book }) => book)
  const { body, headers } = await app.inject({ url: `/transfer/export/my-books.${format}` })
  expect(headers['content-disposition']).toBe(`attachment; filename="my-books.${format}"`)
  for (const { id } of await books()) await done('my-books.delete', { id })
  const { id, bad } = await read(body)
  expect(bad).toBe(0)
  expect(await books()).toEqual([])
  await done('transfer.commit', { import: id })
  const after = (await books()).map(({ id: _, version: __, ...book }) => book)
  // They came out newest first.
  expect(after).toEqual(before.toReversed())
})

test('an export follows what the list shows', async () => {
  await add({ title: 'Read', read: true })
  await add({ title: 'Unread' })
  const titlesAt = async (url: string, headers = {}) =>
    (await app.inject({ url, headers })).body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).title)
  expect(await titlesAt('/transfer/export/my-books.jsonl?read=true')).toEqual(['Read'])
  const referer = new URL('/my-books?q=unread', app.url).href
  expect(await titlesAt('/transfer/export/my-books.jsonl?of=page', { referer })).toEqual(['Unread'])
  expect((await app.inject({ url: '/my-books' })).body).toContain('/transfer/export/my-books.csv?of=page')
  expect((await app.inject({ url: '/transfer/export/my-books.csv?read=maybe' })).statusCode).toBe(422)
  expect((await app.inject({ url: '/transfer/export/journal.csv' })).statusCode).toBe(404)
})

test('bad rows are told with line and reason, the good ones come in as one entry, and Undo takes them back', async () => {
  const { id, fresh, bad, problems } = await read(
    'Title,Year,Read\nDune,1965,yes\n,1970,no\nEmma,early,x\nForbidden,1,\nshort\n"Two\nlines",1,\nUlysses,1922,0\n',
  )
  expect({ fresh, bad }).toEqual({ fresh: 2, bad: 5 })
  expect(problems).toEqual([
    'Line 3: Title is required.',
    'Line 4: Year must be a whole number.',
    'Line 5: Not this one.',
    'Line 6: This has 1 cells, and the header 3.',
    'Line 7: Title must be one line of text.',
  ])
  const page = await app.inject({ url: `/transfer/${id}` })
  expect(page.body).toContain('Line 4: Year must be a whole number.')
  expect(await books()).toEqual([])
  const before = app.journal.list().length
  const outcome = await app.call('transfer.commit', { import: id })
  expect(outcome).toMatchObject({ summary: 'Imported books.csv into my-books: 2 added, 0 changed' })
  expect(app.journal.list()).toHaveLength(before + 1)
  expect(await books()).toMatchObject([
    { title: 'Ulysses', year: 1922, read: false },
    { title: 'Dune', year: 1965, read: true },
  ])
  expect((await done<{ rows: unknown[] }>('my-books.list', { q: 'dune' })).rows).toHaveLength(1)
  expect(await app.call('transfer.commit', { import: id })).toMatchObject({ status: 'invalid' })
  await done('journal.undo', { entry: (outcome as { entry: number }).entry })
  expect(await books()).toEqual([])
})

test('records are changed by a column, and an undo that would lose a later change is refused', async () => {
  const dune = await add({ title: 'Dune', year: 1, notes: 'kept' })
  await add({ title: 'Twice' })
  await add({ title: 'Twice' })
  const first = await read('title,year\nDune,1965\nEmma,1815\nTwice,1\nEmma,2\n')
  await done('transfer.match', { import: first.id, columns: ['title', 'year'], by: 'title' })
  const { fresh, changing, problems } = await checked(first.id)
  expect({ fresh, changing, problems }).toEqual({
    fresh: 1,
    changing: 1,
    problems: ['Line 4: Several records have this “title”.', 'Line 5: Line 3 has the same “title”.'],
  })
  await done('my-books.update', { id: dune.id, year: 2 })
  expect(await app.call('transfer.commit', { import: first.id })).toMatchObject({
    error: { code: 'LOCALAPP_CONFLICT' },
  })
  await done('transfer.match', { import: first.id, columns: ['title', 'year'], by: 'title' })
  await checked(first.id)
  const outcome = await app.call('transfer.commit', { import: first.id })
  const { entry } = outcome as { entry: number }
  expect(await done('my-books.get', { id: dune.id })).toMatchObject({ year: 1965, notes: 'kept', version: 3 })
  const later = await app.call('my-books.update', { id: dune.id, notes: 'new' })
  expect(await app.call('journal.undo', { entry })).toMatchObject({
    error: { code: 'LOCALAPP_CHANGED_SINCE' },
  })
  expect(later.status).toBe('done')
  expect(await books()).toHaveLength(4)
})

test('an undo gives changed records their values again', async () => {
  const { id } = await add({ title: 'Dune', year: 1 })
  const file = await read(`id,year\n${id},1965\n999,1\n`)
  await done('transfer.match', { import: file.id, columns: ['id', 'year'], by: 'id' })
  expect((await checked(file.id)).problems).toEqual(['Line 3: There is no record 999.'])
  const outcome = await app.call('transfer.commit', { import: file.id })
  expect(await books()).toMatchObject([{ id, year: 1965 }])
  await done('journal.undo', { entry: (outcome as { entry: number }).entry })
  expect(await books()).toMatchObject([{ id, title: 'Dune', year: 1 }])
})

test.each([
  ['a byte order mark', Buffer.from('\uFEFFtitle,notes\nÄ,b\n')],
  ['semicolons', Buffer.from('title;notes\nÄ;b\n')],
  ['tabs', Buffer.from('title\tnotes\nÄ\tb\n')],
  ['Latin-1', Buffer.from('title,notes\nÄ,b\n', 'latin1')],
  ['UTF-16', Buffer.from('\uFEFFtitle\tnotes\nÄ\tb\n', 'utf16le')],
])('a file with %s is read', async (_what, bytes) => {
  const { id, fresh } = await read(bytes, 'my-books', 'C:\\fake\\..\\..\\etc\\passwd.png')
  expect(fresh).toBe(1)
  await done('transfer.commit', { import: id })
  expect(await books()).toMatchObject([{ title: 'Ä', notes: 'b' }])
  expect((await app.inject({ url: '/transfer' })).body).toContain('passwd.png')
})

test('files that are none of this are refused in words', async () => {
  const noColumn = await upload(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]))
  expect([noColumn.status, noColumn.text]).toEqual([422, expect.stringContaining('No column of this file')])
  expect((await upload('title\na\n', 'nobody')).status).toBe(404)
  expect(await app.call('transfer.open', { plugin: 'todo', upload: '../home.db', name: 'x' })).toMatchObject({
    status: 'invalid',
  })
  const model = { actor: { kind: 'model' } } as const
  expect(await app.call('transfer.receive', { bytes: 'AAAA' }, model)).toMatchObject({
    error: { code: 'LOCALAPP_FORBIDDEN' },
  })
})

test('a model asks before it throws a file away', async () => {
  await upload('title\na\n')
  const asked = await app.call('transfer.discard', { import: 1 }, { actor: { kind: 'model' } })
  expect(asked).toMatchObject({ status: 'approval' })
  expect(app.journal.list({ limit: 1 })).toMatchObject([
    { state: 'asked', summary: 'Throw the file away: books.csv' },
  ])
  await done('transfer.get', { import: 1 })
})

test('rows of a manual order come at its end, and can be moved', async () => {
  const { id } = await done<{ id: number }>('todo.create', { title: 'first' })
  const file = await read('title\na\nb\nc\n', 'todo')
  await done('transfer.commit', { import: file.id })
  const titles = async () =>
    (await done<{ rows: { title: string }[] }>('todo.list', {})).rows.map(({ title }) => title)
  expect(await titles()).toEqual(['first', 'a', 'b', 'c'])
  await done('todo.move', { id, after: id + 2 })
  expect(await titles()).toEqual(['a', 'b', 'first', 'c'])
})

test('100,000 rows come in and go out with little memory, in one step, and leave by one Undo', {
  timeout: 120_000,
}, async () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, i) => `Task ${i},"Some notes, ${i}",${i % 2 ? 'yes' : 'no'}`,
  )
  const text = `title,notes,done\n${lines.join('\n')}\n`
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed)
  }, 5)
  onTestFinished(() => clearInterval(watch))
  const { id, fresh, bad } = await read(text, 'todo')
  expect({ fresh, bad }).toEqual({ fresh: 100_000, bad: 0 })
  const outcome: Outcome = await app.call('transfer.commit', { import: id })
  expect(outcome).toMatchObject({ status: 'done' })
  const { body } = await app.inject({ url: '/transfer/export/todo.csv' })
  expect(body.trimEnd().split('\r\n')).toHaveLength(100_001)
  expect(most).toBeLessThan(200_000_000)
  expect(await app.call('journal.undo', { entry: (outcome as { entry: number }).entry })).toMatchObject({
    status: 'done',
  })
  expect(await app.call('todo.list')).toMatchObject({ output: { rows: [] } })
})

const csv = (rows: number) =>
  `title,priority\n${Array.from({ length: rows }, (_, i) => `Task ${i},low`).join('\n')}\n`

test('the command line brings in and out, and says what is bad', async () => {
  const data = temporaryFolder()
  const bad = await ended(home(data, 'import', 'todo'), 'title\nMilk\n\n,\n')
  expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('nothing was imported') })
  const good = await ended(home(data, 'import', 'todo', '--partial'), csv(3).concat('x,unknown\n'))
  expect(good).toMatchObject({ code: 0, err: expect.stringContaining('Line 5: Priority must be one of') })
  const out = await ended(home(data, 'export', 'todo', '--format', 'jsonl', '--q', '2'))
  expect(
    out.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).title),
  ).toEqual(['Task 2'])
  const all = await ended(home(data, 'export', 'todo'))
  const again = await ended(home(data, 'import', 'todo', '--by', 'id'), all.out)
  expect(again.code).toBe(0)
  expect(JSON.parse(again.out)).toMatchObject({ fresh: 0, changing: 3 })
  expect((await ended(home(data, 'export', 'nobody'))).err).toContain('There is no CRUD plugin “nobody”')
})

test.each([150, 400, 900, 1_500])(
  'killed after %i ms, all of an import is there or nothing',
  {
    timeout: 60_000,
  },
  async (wait) => {
    const data = temporaryFolder()
    const { server } = await started(data)
    const child = home(data, 'import', 'todo')
    const gone = once(child, 'exit')
    child.stdin.end(csv(20_000))
    await setTimeout(wait + 300)
    server.kill('SIGKILL')
    await gone
    const again = await fastApp({ plugins: [Todo, transfer()], data })
    await again.open()
    onTestFinished(() => again.close())
    const [{ count }] = (await again.db
      .selectFrom('todo')
      .select(({ fn }) => fn.countAll().as('count'))
      .execute()) as [{ count: number }]
    expect([0, 20_000]).toContain(count)
    const open = await again.db.selectFrom('transfer').select(['id', 'state']).execute()
    for (const { id, state } of open) {
      expect(count === 0).toBe(state !== 'done')
      const isReady = async () => {
        const outcome = await again.actions.call(
          'transfer.get',
          { import: Number(id) },
          { actor: { kind: 'user' } },
        )
        return (outcome as { output: { state: string } }).output.state !== 'checking'
      }
      while (!(await isReady())) await setTimeout(20)
      // What was left half read is read again.
      if (state === 'checking') {
        const outcome = await again.actions.call(
          'transfer.commit',
          { import: Number(id) },
          { actor: { kind: 'user' } },
        )
        expect(outcome.status).toBe('done')
      }
    }
  },
)
