import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Plugin, type PluginContext } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { type Model, ModelError, ollama } from '@localapp/models'
import { fakeOllama, scripted } from '@localapp/models/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { assistant } from './assistant.ts'
import { appWith, pageOf, say, Todo, titlesOf } from './testing/todo.ts'

const create = { tool: 'todo_create', args: { title: 'Buy milk' } }
const noModel = scripted(() => ({ error: new ModelError('failed', 'No.', 'No.') }))

function dataFolder(): string {
  const data = mkdtempSync(join(tmpdir(), 'localapp-llm-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  return data
}

async function approve(app: TestApp, verdict = 'approve'): Promise<void> {
  const asked = app.journal.list().find(({ state }) => state === 'asked')
  const payload = new URLSearchParams({ approval: String(asked?.id) })
  await app.inject({ method: 'POST', url: `/api/journal/${verdict}`, payload })
}

test('a model adds a task, and one Undo takes the whole turn back', async () => {
  const bread = { tool: 'todo_create', args: { title: 'Buy bread' } }
  const app = await appWith(scripted([{ calls: [create, bread] }, { text: 'Added.' }]))
  await say(app, 'add milk and bread')
  await expect.poll(() => pageOf(app)).toContain('<p>Added.</p>')
  expect(app.journal.list()).toMatchObject([
    { action: 'todo.create', actor: 'model', actorName: 'scripted' },
    { action: 'todo.create', actor: 'model' },
  ])
  const turn = /name="turn" value="([^"]+)"/.exec(await pageOf(app))?.[1] ?? ''
  expect(await app.call('journal.undo-turn', { turn })).toMatchObject({ status: 'done' })
  expect(await titlesOf(app)).toEqual([])
  expect(await pageOf(app)).not.toContain('Undo all of it')
})

test('without script the form leads back to the page', async () => {
  const app = await appWith(scripted(() => ({ text: 'Hi' })))
  const payload = new URLSearchParams({ text: 'hello', page: '/todo' })
  const headers = { referer: `http://127.0.0.1:${app.port}/todo` }
  const answer = await app.inject({ method: 'POST', url: '/api/assistant/send', payload, headers })
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/todo'])
  await expect.poll(() => pageOf(app)).toContain('<p>Hi</p>')
})

test.each([
  ['/todo.create title="Buy milk" done=true size=3', 'Added “Buy milk”', [['Buy milk', true, 3]]],
  ['/todo.create title="Buy milk" done=false', 'Added “Buy milk”', [['Buy milk', false, null]]],
  ['/todo.create title="Buy milk" done=maybe', 'Not done. done: ', []],
  ['/todo.create title=Milk size=many', 'Not done. size: ', []],
  ['/todo.create titel=Milk', 'There is no field “titel”. The fields are: ', []],
  ['/todo.nothing', 'There is no action “todo.nothing”.', []],
  ['/todo', 'A command looks like', []],
])('%s runs as the user with no model', async (text, said, rows) => {
  const app = await appWith(noModel)
  await say(app, text)
  expect(await pageOf(app)).toContain(said)
  const outcome = await app.call('todo.list')
  const all = outcome.status === 'done' ? (outcome.output as Record<string, unknown>[]) : []
  expect(all.map(({ title, done, size }) => [title, done, size])).toEqual(rows)
  expect(app.journal.list().every(({ actor }) => actor === 'user')).toBe(true)
})

test('what a command looked up is shown', async () => {
  const app = await appWith(noModel)
  await app.call('todo.create', { title: 'Buy milk' })
  await say(app, '/todo.list')
  expect(await pageOf(app)).toMatch(
    /<details [^>]*open><summary>todo.list<\/summary><pre>\s*\[[\s\S]*Buy milk/,
  )
})

test('a delete waits for the user; after a restart the turn goes on where it was', async () => {
  const data = dataFolder()
  const before = await appWith(scripted([{ calls: [{ tool: 'todo_delete', args: { id: 1 } }] }]), data)
  await before.call('todo.create', { title: 'Buy milk' })
  await say(before, 'delete it')
  await expect.poll(() => pageOf(before)).toContain('Waits for approval: Delete: “Buy milk”')
  expect(await titlesOf(before)).toHaveLength(1)
  await before.close()
  const after = await appWith(
    scripted(({ messages }) => ({
      text: `${messages[0]?.content.includes('page of “todo”')} ${messages.at(-1)?.content.slice(0, 18)}`,
    })),
    data,
  )
  await approve(after)
  await expect.poll(() => pageOf(after)).toContain('true Deleted “Buy milk”')
  expect(await titlesOf(after)).toEqual([])
})

test('an approval that comes before the turn knows that it waits is not lost', async () => {
  const model = scripted([
    { calls: [{ tool: 'todo_delete', args: { id: 1 } }] },
    ({ messages }) => ({ text: messages.at(-1)?.content ?? '' }),
  ])
  class Hasty extends Plugin {
    readonly name = 'hasty'
    setup({ app: { actions } }: PluginContext): void {
      const { call } = actions
      actions.call = async (...args) => {
        const outcome = await call(...args)
        if (outcome.status === 'approval') await approve(app)
        return outcome
      }
    }
  }
  const app = await testApp({ plugins: [Todo, assistant({ model }), Hasty] })
  onTestFinished(() => app.close())
  await app.call('todo.create', { title: 'Buy milk' })
  await say(app, 'delete it')
  await expect.poll(() => pageOf(app)).toContain('<p>Deleted “Buy milk”')
})

test('a rejection goes back to the model', async () => {
  const app = await appWith(
    scripted([
      { calls: [{ tool: 'todo_delete', args: { id: 1 } }] },
      ({ messages }) => ({ text: messages.at(-1)?.content ?? '' }),
    ]),
  )
  await app.call('todo.create', { title: 'Buy milk' })
  await say(app, 'delete it')
  await expect.poll(() => pageOf(app)).toContain('Waits for approval')
  await approve(app, 'reject')
  await expect.poll(() => pageOf(app)).toContain('<summary>Not done. The user rejected this.</summary>')
  expect(await titlesOf(app)).toEqual(['Buy milk'])
})

test('Stop ends the answer, keeps what was said and ends what waits behind it', async () => {
  const app = await appWith(scripted(() => ({ text: 'Well then', hang: true })))
  await say(app, 'hello')
  await say(app, 'and more')
  await expect.poll(() => pageOf(app)).toContain('Well then')
  expect(await app.call('assistant.stop')).toMatchObject({ status: 'done' })
  await expect.poll(async () => (await pageOf(app)).match(/Stopped\./g)).toHaveLength(2)
  expect(await pageOf(app)).toContain('<p>Well then</p>')
})

test('a turn that the end of the app cut off says so, and what was said before it is still there', async () => {
  const data = dataFolder()
  const before = await appWith(scripted([{ text: 'Hello you' }, { text: 'Well then', hang: true }]), data)
  await say(before, 'hello')
  await expect.poll(() => pageOf(before)).toContain('<p>Hello you</p>')
  await say(before, 'again')
  await expect.poll(() => pageOf(before)).toContain('Well then')
  await before.close()
  const page = await pageOf(await appWith(noModel, data))
  expect(page).toContain('<p>Hello you</p>')
  expect(page).toContain('<p>Well then</p>')
  expect(page).toContain('The app was stopped before this was done.')
})

test('so does one of a process that was killed', async () => {
  const app = await appWith(scripted(() => ({ text: 'Well then', hang: true })))
  await say(app, 'Hello?')
  await expect.poll(() => pageOf(app)).toContain('Well then')
  // What is on the disk now is what a kill would leave.
  const left = dataFolder()
  cpSync(app.data, left, { recursive: true })
  const page = await pageOf(await appWith(noModel, left))
  expect(page).toMatch(/Hello\?[\s\S]*The app was stopped before this was done\./)
})

test('the conversation can be forgotten, and the journal never knew of it', async () => {
  const app = await appWith(scripted([{ calls: [create] }, { text: 'A secret' }]))
  await say(app, 'my secret is 42')
  await expect.poll(() => pageOf(app)).toContain('<p>A secret</p>')
  expect(await app.call('assistant.forget')).toMatchObject({ status: 'done' })
  expect(await pageOf(app)).not.toContain('secret')
  expect(JSON.stringify(app.journal.list())).not.toContain('secret')
  expect(await titlesOf(app)).toEqual(['Buy milk'])
})

test('nobody speaks for the user', async () => {
  const app = await appWith(scripted(() => ({ text: 'Hi' })))
  for (const kind of ['model', 'program', 'cli'] as const) {
    for (const id of ['assistant.send', 'assistant.stop', 'assistant.forget']) {
      const input = id.endsWith('send') ? { text: '/todo.delete id=1' } : {}
      expect(await app.call(id, input, { actor: { kind } })).toMatchObject({
        status: 'failed',
        error: { code: 'LOCALAPP_FORBIDDEN' },
      })
    }
  }
})

test('the panel says when what is said leaves the machine', async () => {
  expect(await pageOf(await appWith(noModel))).toContain('scripted, on this machine.')
  const app = await appWith(scripted([{ text: 'Well', hang: true }], { model: 'big', remote: true }))
  const leaves = 'big does not run on this machine: what you say and what it looks up leaves it.'
  expect(await pageOf(app)).toContain(leaves)
  await say(app, 'hello')
  await expect.poll(() => pageOf(app)).toContain('>Well<')
  expect(await pageOf(app)).toContain(leaves)
})

test('Ollama on the wire: a chat reaches the panel; once it is gone, the panel says what to do', async () => {
  const server = await fakeOllama(({ messages }) =>
    messages.at(-1)?.tool_name === 'todo_create' ? ['Added', ' it.'] : [create],
  )
  const app = await appWith(ollama(undefined, { host: server.host }))
  await say(app, 'add buy milk')
  await expect.poll(() => pageOf(app)).toContain('<p>Added it.</p>')
  expect(server.chats[0]?.tools?.[0]?.function.name).toBe('todo_create')
  await server.close()
  await say(app, 'again')
  await expect.poll(() => pageOf(app)).toContain('Ollama is not running. Start it with “ollama serve”')
})

test('a fault in a model is contained, and told to the terminal', async () => {
  const broken: Model = {
    ...scripted([]),
    info: async () => {
      throw new TypeError('x is not a function')
    },
  }
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const app = await appWith(broken)
  await say(app, 'hello')
  await expect.poll(() => pageOf(app)).toContain('The assistant failed.')
  expect(told).toHaveBeenCalledWith(expect.stringContaining('TypeError: x is not a function'))
})
