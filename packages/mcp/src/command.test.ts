import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

const app = fileURLToPath(new URL('../../../examples/home/app.ts', import.meta.url))

let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'localapp-mcp-'))
})
afterEach(() => rmSync(data, { recursive: true }))

const command = (...args: string[]): string[] => [
  '--conditions=@localapp/source',
  app,
  ...args,
  '--data',
  data,
]

/** Runs the example app as another process, without a terminal. */
function home(...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(execPath, command(...args))
  onTestFinished(() => stopped(child))
  return child
}

async function stopped(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}

/** Serves the example app, and lets one browser in. */
async function served(port: number): Promise<{ server: ChildProcessWithoutNullStreams; page: Page }> {
  const server = home('start', '--no-open', '--port', String(port))
  const [printed] = await once(server.stdout, 'data')
  return { server, page: await entered(String(printed).trim()) }
}

interface Page {
  readonly origin: string
  get(path: string, accept?: string): Promise<Response>
  post(path: string, input: object): Promise<Response>
}

async function entered(url: string): Promise<Page> {
  const { origin } = new URL(url)
  const { headers } = await fetch(url, { redirect: 'manual' })
  const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';', 1)
  return {
    origin,
    get: (path, accept = 'text/html') => fetch(`${origin}${path}`, { headers: { cookie, accept } }),
    post: (path, input) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
  }
}

/** The real client, which starts the app as Claude Desktop does. */
async function connected(...args: string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StdioClientTransport({
    command: execPath,
    args: command('mcp', ...args),
    stderr: 'inherit',
  })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

async function call(client: Client, name: string, given: Record<string, unknown>): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: given })) as { content: { text: string }[] }
  return content.map((each) => each.text).join('')
}

describe('a real client over stdio', () => {
  test('beside a running server: the open page follows, and what deletes waits for the user', async () => {
    const { page } = await served(0)
    const stream = await page.get('/-/events', 'text/event-stream')
    let told = ''
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) told += Buffer.from(chunk).toString('utf8')
    })().catch(() => {})
    const client = await connected()
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['todo_create', 'word-count_start']))
    const made = JSON.parse(await call(client, 'todo_create', { title: 'Buy milk' }))
    await expect.poll(() => told).toContain('todo')
    expect(await (await page.get('/todo')).text()).toContain('Buy milk')

    const words = await call(client, 'todo_delete', { id: made.id })
    expect(words).toContain('nothing has been done yet')
    expect(await (await page.get('/todo')).text()).toContain('mcp asks for this')
    expect(JSON.parse(await call(client, 'todo_list', {})).rows).toHaveLength(1)
    const [, entry] = /entry (\d+)/.exec(words) ?? []
    expect((await page.post('/api/journal/approve', { approval: Number(entry) })).status).toBe(200)
    expect(JSON.parse(await call(client, 'todo_list', {})).rows).toEqual([])
    const journal = JSON.parse(await call(client, 'journal_list', {}))
    expect(journal[0]).toMatchObject({ id: Number(entry), state: 'done', actor: 'program', actorName: 'mcp' })
    await client.close()
    void reading
  })

  test('without a server: it serves the app itself, so that the user can approve, and --yes does not speak for them', async () => {
    const client = await connected('--yes')
    const made = JSON.parse(await call(client, 'todo_create', { title: 'Buy milk' }))
    const words = await call(client, 'todo_delete', { id: made.id })
    const printed = home('start', '--no-open')
    const page = await entered((await text(printed.stdout)).trim())
    const [, entry] = /entry (\d+)/.exec(words) ?? []
    expect(await (await page.get('/todo')).text()).toContain(`approval-${entry}`)
    expect((await page.post('/api/journal/approve', { approval: Number(entry) })).status).toBe(200)
    const { contents } = await client.readResource({ uri: 'localapp://todo' })
    expect(JSON.parse((contents[0] as { text: string }).text).rows).toEqual([])
  })

  test('goes on when the server beside it was stopped and is there again', async () => {
    const first = await served(0)
    const client = await connected()
    await client.ping()
    await stopped(first.server)
    const { page } = await served(0)
    // The first message learns that the old server has gone.
    await client.ping().catch(() => {})
    await call(client, 'todo_create', { title: 'Buy milk' })
    expect(await (await page.get('/todo')).text()).toContain('Buy milk')
  })
})

test('hostile lines get errors, and never end the process', async () => {
  const child = home('mcp')
  const out = text(child.stdout)
  const ask = (id: number, method: string, params = {}): string =>
    JSON.stringify({ jsonrpc: '2.0', id, method, params })
  const lines = [
    '{"jsonrpc":',
    '',
    'x'.repeat(3_000_000),
    '[]',
    'null',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    ask(2, 'evil'),
    ask(3, 'tools/call', { name: {}, arguments: [] }),
    ask(4, 'tools/call', { name: 'todo_delete', arguments: { id: 'x' } }),
    ask(5, 'tools/call', { name: 'word-count_start' }),
    ask(6, 'tools/call', { name: 'mcp_message', arguments: { text: 'x', session: 'x' } }),
    '{"jsonrpc":"2.0","id":9,"result":{}}',
    ask(7, 'ping'),
  ]
  child.stdin.end(lines.join('\n'))
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  const answers = (await out)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const codeOf = (id?: number): unknown => answers.find((answer) => answer.id === id)?.error?.code
  expect(
    answers
      .filter(({ id }) => id === undefined)
      .map(({ error }) => error.code)
      .sort(),
  ).toEqual([-32600, -32600, -32600, -32600, -32700])
  expect([codeOf(2), codeOf(3), codeOf(6)]).toEqual([-32601, -32602, -32602])
  expect(answers.find(({ id }) => id === 4)).toMatchObject({ result: { isError: true } })
  expect(answers.find(({ id }) => id === 7)).toEqual({ jsonrpc: '2.0', id: 7, result: {} })
  expect(answers).toHaveLength(11)
})
