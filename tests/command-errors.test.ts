import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { ended, home, started, temporaryFolder } from './home.ts'

/** What stands in the way of the command, and what is said about it. */
interface Trouble {
  readonly what: string
  readonly args: readonly string[]
  /** Brings it about in the data folder. */
  readonly make?: (data: string) => unknown
  readonly says: RegExp
  readonly code?: number
}

const list = ['call', 'todo.list']
const letter = 'Dear Ann, this is no database, whatever its name says. Yours, Bob.\n'

async function makeWorkspace(data: string, pragma: string): Promise<void> {
  expect(await ended(home(data, 'call', 'todo.create', '{"title":"Milk"}'))).toMatchObject({ code: 0 })
  const database = new DatabaseSync(join(data, 'home.db'))
  database.exec(`pragma ${pragma}`)
  database.close()
}

const troubles: Trouble[] = [
  {
    what: 'a data file that is no database',
    args: ['start', '--no-open', '--port', '0'],
    make: (data) => writeFileSync(join(data, 'home.db'), letter),
    says: /^The data file \S+home\.db is not a database, or is damaged\.\nMove it away or put a backup .*--data\.\n$/,
  },
  {
    what: 'a database of another program',
    args: list,
    make: (data) => makeWorkspace(data, 'application_id = 1'),
    says: /^The data file \S+home\.db is a database of another program\.\nMove it away .*--data\.\n$/,
  },
  {
    what: 'data of a newer version',
    args: list,
    make: (data) => makeWorkspace(data, 'user_version = 1000'),
    says: /^The data file \S+home\.db was written by a newer localapp\.\nUpdate localapp, or .*--data\.\n$/,
  },
  {
    what: 'a data file that cannot be opened',
    args: ['start', '--no-open', '--port', '0'],
    make: (data) => mkdirSync(join(data, 'home.db')),
    says: /^The data file \S+home\.db cannot be written: .*\.\nGive yourself the right .*--data\.\n$/,
  },
  {
    what: 'an unknown command',
    args: ['lsit'],
    says: /^There is no command “lsit”\.\n“localapp help” lists all commands; .*\.\n$/,
  },
  {
    what: 'an unknown option',
    args: ['start', '--prot', '1'],
    says: /^Unknown option '--prot'\.\n“localapp start --help” says what it takes\.\n$/,
  },
  {
    what: 'an argument too many',
    args: ['call', 'todo.create', '{"title":"Milk"}', '{"title":"Bread"}'],
    says: /^“{"title":"Bread"}” is one argument too many\.\n“localapp call --help” says what it takes\.\n$/,
  },
  {
    what: 'an unknown action',
    args: ['call', 'todo.craete', '{}'],
    says: /^There is no action “todo\.craete”\. “localapp call” lists all actions\.\n$/,
  },
  {
    what: 'an unknown field',
    args: ['call', 'todo.create', '{"titel":"Milk"}'],
    says: /^title: Title is required\.\ntitel: There is no field “titel”\. .*[.?]\n$/,
    code: 2,
  },
  {
    what: 'malformed JSON',
    args: ['call', 'todo.create', '{"title":'],
    says: /^This is not JSON: .*\.\nWrite it as in '\{"title":"Buy milk"\}'\.\n$/,
  },
  {
    what: 'a port that is no number',
    args: ['start', '--no-open', '--port', 'http'],
    says: /^“http” is no port\.\nGive a number from 0 to 65535, where 0 takes a free one\.\n$/,
  },
]

test.each(troubles)(
  '$what: a sentence that says what to do, and a failure',
  async ({ args, make, says, code = 1 }) => {
    const data = temporaryFolder()
    await make?.(data)
    const { err, ...rest } = await ended(home(data, ...args))
    expect(err).toMatch(says)
    expect(rest).toEqual({ code, out: '' })
  },
)

test('a data folder that cannot be written says so, also to an administrator', async () => {
  const file = join(temporaryFolder(), 'data')
  writeFileSync(file, '') // no rights get past a plain file where the folder should be
  for (const args of [list, ['start', '--no-open', '--port', '0']]) {
    const { err, ...rest } = await ended(home(file, ...args))
    expect(err).toMatch(/^The data file \S+ cannot be written: .*\.\nGive yourself the right .*--data\.\n$/)
    expect(rest).toEqual({ code: 1, out: '' })
  }
})

test('a port in use leaves no lock behind', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const data = temporaryFolder()
  const { err, ...rest } = await ended(home(data, 'start', '--no-open', '--port', String(port)))
  expect(err).toMatch(new RegExp(`^Port ${port} cannot be used: .*\\.\\nChoose another .* --port, .*\\.\\n$`))
  expect(rest).toEqual({ code: 1, out: '' })
  expect(await ended(home(data, ...list))).toMatchObject({ code: 0, err: '' })
})

test('a line that is no JSON is named by its number; the lines before it stay done', async () => {
  const data = temporaryFolder()
  const { code, out, err } = await ended(
    home(data, 'call', 'todo.create'),
    '{"title":"Milk"}\nBread\n{"title":"Tea"}',
  )
  expect(err).toMatch(/^Line 2 is not JSON: .*\.\nWrite it as in .*\.\n$/)
  expect([code, JSON.parse(out).title]).toEqual([1, 'Milk'])
  const { rows } = JSON.parse((await ended(home(data, ...list))).out)
  expect(rows).toHaveLength(1)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'while a server runs, “start” prints one more address; %s ends it cleanly and frees the data',
  async (signal) => {
    const data = temporaryFolder()
    const { server, url } = await started(data)
    const again = await ended(home(data, 'start', '--no-open'))
    expect(again).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^The app is running already\. .*:\n$/),
    })
    expect(new URL(again.out).origin).toBe(new URL(url).origin)
    let cookie = ''
    for (const address of [again.out.trim(), url]) {
      const { status, headers } = await fetch(address, { redirect: 'manual' })
      expect(status).toBe(303)
      cookie = String(headers.get('set-cookie')).split(';', 1)[0] ?? ''
    }
    // A page that is open follows the app by a stream, which must not keep the server.
    const stream = await fetch(new URL('/-/events', url), { headers: { cookie } })
    expect(stream.status).toBe(200)
    const closed = stream.text()
    server.kill(signal)
    expect(await once(server, 'exit')).toEqual([0, null])
    await closed.catch(() => undefined)
    await expect(fetch(new URL('/-/health', url))).rejects.toThrow('fetch failed')
    expect(await ended(home(data, ...list))).toMatchObject({ code: 0, err: '' })
  },
)
