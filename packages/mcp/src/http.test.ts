import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Action, defineTable, InvalidInput, Plugin, type PluginContext, t } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mcp } from './index.ts'

const fields = { title: t.text({ max: 20 }), done: t.bool() }
const notes = defineTable('notes', fields)
const stopped: string[] = []

/** A list of notes, with an action of each effect and each outcome. */
class Notes extends Plugin {
  readonly name = 'notes'
  override readonly title = 'My notes'
  override readonly advice = 'Keep them short.'

  setup({ action, table }: PluginContext): void {
    table('', fields)
    const id = t.integer({ min: 1 })
    action('create', {
      effect: 'write',
      input: fields,
      run: (input, { table }) => table(notes).insert(input),
    })
    action('list', { effect: 'read', run: (_, { table }) => table(notes).all() })
    action('get', { effect: 'read', input: { id }, run: ({ id }, { table }) => table(notes).get(id) })
    action('delete', {
      effect: 'destructive',
      description: 'Deletes a note.',
      input: { id },
      record: { table: notes, id: (input) => input.id, label: (row) => String(row.title) },
      run: ({ id }, { table }) => table(notes).delete(id),
    })
    action('send', { effect: 'external', run: () => 'sent' })
    action('secret', { effect: 'read', userOnly: true, run: () => 'for the user' })
    action('refuse', {
      effect: 'read',
      run: () => {
        throw new InvalidInput({ '': 'Not now.' })
      },
    })
    action('wait', {
      effect: 'read',
      run: (_, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            stopped.push('wait')
            resolve('stopped')
          }),
        ),
    })
  }
}

let app: TestApp
let key: string
let client: Client

const keyFile = (data: string): string => join(data, 'home', 'mcp.key')

beforeEach(async () => {
  app = await testApp({ plugins: [Notes, mcp()], title: 'My Test' })
  key = readFileSync(keyFile(app.data), 'utf8')
  client = await connected(app, key)
})
afterEach(async () => {
  await client.close()
  await app.close()
})

async function connected({ port }: TestApp, bearer: string): Promise<Client> {
  const made = new Client({ name: 'test', version: '1' })
  await made.connect(
    // The SDK's own types do not hold under exactOptionalPropertyTypes.
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${bearer}` } },
    }) as Parameters<Client['connect']>[0],
  )
  return made
}

interface Result {
  readonly content: { readonly type: string; readonly text: string }[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly isError?: boolean
}

const call = async (name: string, given?: Record<string, unknown>): Promise<Result> =>
  (await client.callTool({ name, ...(given && { arguments: given }) })) as unknown as Result
const textOf = ({ content }: Result): string => content.map(({ text }) => text).join('')

/** Sends what no client would, with the right key, and gives status and answer. */
async function post(payload: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: '/mcp',
    payload,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    asPage: false,
  })
  return [statusCode, body && JSON.parse(body)]
}

describe('a real client over HTTP', () => {
  test('learns who is there, and speaks the newest version', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'localapp', title: 'My Test' })
    expect(client.getServerCapabilities()).toEqual({ tools: {}, resources: {}, prompts: {} })
    expect(client.getInstructions()).toContain('“My Test”')
    await client.ping()
    const ask = (protocolVersion: unknown): string =>
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion } })
    expect(await post(ask('2025-03-26'))).toMatchObject([200, { result: { protocolVersion: '2025-03-26' } }])
    expect(await post(ask('1999-01-01'))).toMatchObject([200, { result: { protocolVersion: '2025-11-25' } }])
    expect(await post(ask(1))).toMatchObject([200, { error: { code: -32602 } }])
  })

  test('sees the actions as tools, and none that are for the user alone', async () => {
    const { tools } = await client.listTools()
    const names = tools.map(({ name }) => name)
    expect(names).toContain('journal_list')
    expect(names.filter((name) => /secret|approve|reject|mcp/.test(name))).toEqual([])
    expect(tools.find(({ name }) => name === 'notes_create')).toEqual({
      name: 'notes_create',
      title: 'notes: Create',
      description: 'Create',
      inputSchema: {
        type: 'object',
        properties: expect.objectContaining({
          title: expect.objectContaining({ type: 'string', maxLength: 20 }),
        }),
        required: ['title'],
        additionalProperties: false,
      },
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    })
    const hints = Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations]))
    expect(hints.notes_list).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      openWorldHint: false,
      idempotentHint: true,
    })
    expect(hints.notes_delete).toMatchObject({
      readOnlyHint: false,
      destructiveHint: true,
      openWorldHint: false,
    })
    expect(hints.notes_send).toMatchObject({
      readOnlyHint: false,
      destructiveHint: true,
      openWorldHint: true,
    })
  })

  test('changes data as a program, which the journal tells', async () => {
    const made = await call('notes_create', { title: 'Milk' })
    expect(made.structuredContent).toMatchObject({ id: 1, title: 'Milk' })
    expect(JSON.parse(textOf(made))).toEqual(made.structuredContent)
    expect(await app.db.selectFrom('notes').select('title').execute()).toEqual([{ title: 'Milk' }])
    expect(app.journal.list()[0]).toMatchObject({ actor: 'program', actorName: 'mcp', state: 'done' })
    const listed = await call('notes_list')
    expect(listed.structuredContent).toBeUndefined()
    expect(JSON.parse(textOf(listed))).toMatchObject([{ title: 'Milk' }])
  })

  test('is told in words what is wrong, and what has failed', async () => {
    const invalid = await call('notes_create', { title: 'x'.repeat(21) })
    expect(invalid.isError).toBe(true)
    expect(textOf(invalid)).toMatch(/^title: .*20/)
    expect(await call('notes_refuse')).toMatchObject({ isError: true, content: [{ text: 'Not now.' }] })
    const failed = await call('notes_get', { id: 7 })
    expect(failed.isError).toBe(true)
    expect(textOf(failed)).toMatch(/\w\. \w.*\./)
    await expect(call('notes_nothing')).rejects.toMatchObject({ code: -32602 })
    await expect(call('notes_secret')).rejects.toMatchObject({ code: -32602 })
    await expect(call('journal_approve', { approval: 1 })).rejects.toMatchObject({ code: -32602 })
  })

  test('waits for the user where it would delete, and sees later what became of it', async () => {
    await call('notes_create', { title: 'Milk' })
    const asked = await call('notes_delete', { id: 1 })
    expect(asked.isError).toBeUndefined()
    expect(textOf(asked)).toContain('waits, and nothing has been done yet')
    const [, entry] = /entry (\d+)/.exec(textOf(asked)) ?? []
    expect(await app.db.selectFrom('notes').select('id').execute()).toHaveLength(1)
    const { body } = await app.inject({ url: '/mcp' })
    expect(body).toContain(`id="approval-${entry}"`)
    const approve = { method: 'POST', url: '/api/journal/approve', payload: { approval: Number(entry) } }
    expect((await app.inject(approve)).statusCode).toBe(200)
    expect(await app.db.selectFrom('notes').select('id').execute()).toEqual([])
    const journal = JSON.parse(textOf(await call('journal_list'))) as { id: number }[]
    expect(journal.find(({ id }) => id === Number(entry))).toMatchObject({ state: 'done', actor: 'program' })
    expect(textOf(await call('notes_send'))).toContain('waits')
  })

  test('reads lists and records as resources, and advice as prompts', async () => {
    await call('notes_create', { title: 'Milk' })
    const { resources } = await client.listResources()
    expect(resources).toEqual([
      { uri: 'localapp://notes', name: 'notes', title: 'My notes', mimeType: 'application/json' },
    ])
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates).toMatchObject([{ uriTemplate: 'localapp://notes/{id}' }])
    const read = async (uri: string): Promise<unknown> => {
      const { contents } = await client.readResource({ uri })
      return JSON.parse((contents[0] as { text: string }).text)
    }
    expect(await read('localapp://notes')).toMatchObject([{ title: 'Milk' }])
    expect(await read('localapp://notes/1')).toMatchObject({ id: 1, title: 'Milk' })
    for (const uri of [
      'localapp://notes/7',
      'localapp://nothing',
      'localapp://journal',
      'file:///etc/passwd',
    ])
      await expect(client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32002 })
    const { prompts } = await client.listPrompts()
    expect(prompts).toMatchObject([{ name: 'notes', description: 'How to use “My notes”.' }])
    const { messages } = await client.getPrompt({ name: 'notes' })
    expect(messages[0]).toMatchObject({
      role: 'user',
      content: { text: expect.stringContaining('Keep them short.') },
    })
    await expect(client.getPrompt({ name: 'nothing' })).rejects.toMatchObject({ code: -32602 })
  })

  test('cancels what it has asked for, and nobody else does', async () => {
    const stop = new AbortController()
    const waiting = client.callTool({ name: 'notes_wait' }, undefined, { signal: stop.signal })
    const other = await connected(app, key)
    for (let requestId = 0; requestId < 9; requestId++)
      await other.notification({ method: 'notifications/cancelled', params: { requestId } })
    expect(stopped).toEqual([])
    stop.abort('enough')
    await expect(waiting).rejects.toThrow('enough')
    await expect.poll(() => stopped).toEqual(['wait'])
    await other.close()
  })
})

describe('the boundary before it', () => {
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })

  test.each([
    ['no key', { authorization: undefined }, 403],
    ['a wrong key', { authorization: 'Bearer wrong' }, 401],
    ['what an empty key would be', { authorization: 'Bearer undefined' }, 401],
    ['a foreign Host', { host: 'evil.example:PORT' }, 403],
    ['a web page elsewhere that has the key', { origin: 'http://evil.example' }, 403],
    ['a page of our own', { origin: 'http://127.0.0.1:PORT' }, 403],
    ['a version that is not spoken', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('refuses %s', async (_what, given: Record<string, string | undefined>, status) => {
    const all = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...given }
    const sent = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.replace('PORT', String(app.port))]],
    )
    const headers = Object.fromEntries(sent)
    const asked = { method: 'POST', url: '/mcp', payload: ping, headers, asPage: false }
    expect((await app.inject(asked)).statusCode).toBe(status)
  })

  test('refuses a page that has the cookie and no key', async () => {
    expect((await app.inject({ method: 'POST', url: '/mcp', payload: ping })).statusCode).toBe(403)
  })

  test('lets the key in to nothing else', async () => {
    const headers = { authorization: `Bearer ${key}` }
    for (const url of [
      '/',
      '/-/journal',
      '/notes',
      '/-/assets/style.css',
      '/mcpx',
      '//mcp',
      '/MCP',
      '/api/../mcp',
      '/-/events?/mcp',
    ])
      expect((await app.inject({ url, headers, asPage: false })).statusCode, url).toBe(401)
    const confirmed = { id: 'notes.create', input: { title: 'x' }, confirmed: true }
    for (const url of [
      '/-/command-line/call',
      '/-/command-line/entrance',
      '/api/notes/create',
      '/mcp/../-/command-line/call',
      '/mcp/../api/notes/create',
      '/mcp/%2e%2e/api/notes/create',
      '/mcp\\..\\api/notes/create',
    ]) {
      const { statusCode } = await app.inject({
        method: 'POST',
        url,
        payload: confirmed,
        headers,
        asPage: false,
      })
      expect([401, 404], url).toContain(statusCode)
    }
    expect(await app.db.selectFrom('notes').selectAll().execute()).toEqual([])
  })

  test('has no stream and no session to end', async () => {
    const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' }
    for (const method of ['GET', 'DELETE'])
      expect((await app.inject({ method, url: '/mcp', headers, asPage: false })).statusCode).toBe(405)
  })
})

describe('hostile messages', () => {
  test.each([
    ['broken JSON', '{"jsonrpc":', 200, -32700],
    ['nothing', '', 200, -32700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 200, -32600],
    ['null', 'null', 200, -32600],
    ['no version', '{"id":1,"method":"ping"}', 200, -32600],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 200, -32600],
    ['an id of a wrong type', '{"jsonrpc":"2.0","id":{},"method":"ping"}', 200, -32600],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 200, -32600],
    ['no method', '{"jsonrpc":"2.0","id":1}', 200, -32600],
    ['a method of a wrong type', '{"jsonrpc":"2.0","id":1,"method":[]}', 200, -32600],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"evil"}', 200, -32601],
    ['a method of every object', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', 200, -32601],
    ['params of a wrong type', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', 200, -32600],
    ['no tool', '{"jsonrpc":"2.0","id":1,"method":"tools/call"}', 200, -32602],
    [
      'a tool of a wrong type',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":{}}}',
      200,
      -32602,
    ],
    [
      'arguments of a wrong type',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"notes_list","arguments":"x"}}',
      200,
      -32602,
    ],
    [
      'a uri of a wrong type',
      '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":{}}}',
      200,
      -32002,
    ],
    ['a message too long', `"${'x'.repeat(1024 * 1024)}"`, 413, -32603],
  ])('%s gets an error, and the next one is answered', async (_what, text, status, code) => {
    expect(await post(text)).toMatchObject([status, { jsonrpc: '2.0', error: { code } }])
    await client.ping()
  })

  test('notifications and answers that nobody asked for get none', async () => {
    for (const text of [
      '{"jsonrpc":"2.0","method":"notifications/evil"}',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    ])
      expect(await post(text)).toEqual([202, ''])
    expect(await post('{}', { 'content-type': 'text/plain' })).toMatchObject([415, { error: {} }])
  })
})

describe('the key', () => {
  test('is the file of the user alone, outlives a restart, and is made anew where it was cut off', async () => {
    const { data } = app
    expect(statSync(keyFile(data)).mode & 0o777).toBe(0o600)
    expect(key).toMatch(/^[\w-]{43}$/)
    const restarted = async (): Promise<string> => {
      await app.serve() // so that it is open, whatever happened before
      const again = await testApp({ plugins: [mcp()], data: `${data}/other` })
      const made = readFileSync(keyFile(again.data), 'utf8')
      await (await connected(again, made)).close()
      await again.close()
      return made
    }
    const first = await restarted()
    expect(await restarted()).toBe(first)
    writeFileSync(keyFile(`${data}/other`), '')
    expect(await restarted()).not.toBe(first)
  })

  test('stands on the page, for whoever is let in', async () => {
    const { body } = await app.inject({ url: '/mcp' })
    expect(body).toContain(`Bearer ${key}`)
    expect(body).toContain(`http://127.0.0.1:${app.port}/mcp`)
    expect(body).toMatch(/("|&quot;|&#34;)my-test\1/)
    const stranger = await app.inject({ url: '/mcp', asPage: false })
    expect(stranger.statusCode).toBe(401)
    expect(stranger.body).not.toContain(key)
  })
})

test('the OpenAPI document is valid, and has the actions that a program may call', async () => {
  const answer = await app.inject({ url: '/mcp/openapi.json' })
  const document = answer.json() as { openapi: string; paths: Record<string, unknown> }
  const { valid, errors } = await new Validator().validate(document)
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(document.openapi).toBe('3.1.0')
  expect(document.paths['/api/notes/create']).toMatchObject({
    post: {
      operationId: 'notes_create',
      requestBody: { content: { 'application/json': { schema: { required: ['title'] } } } },
    },
  })
  expect(Object.keys(document.paths).filter((path) => /secret|approve|mcp/.test(path))).toEqual([])
  const offered = app.actions.list().filter((action: Action) => !action.userOnly)
  expect(Object.keys(document.paths)).toHaveLength(offered.length)
})
