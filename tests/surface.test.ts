import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  actionButton,
  actionForm,
  actorNames,
  callForm,
  defineAction,
  errorCodes,
  fastApp,
  fieldBlock,
  InvalidInput,
  input,
  inWords,
  isPlugin,
  namePattern,
  parseJson,
  t,
  voidElement,
} from '@localapp/core'
import { testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'
import { ended, home, temporaryFolder } from './home.ts'

test('actionButton and callForm call an action from a page, also without script', async () => {
  const app = await testApp({ plugins: [Todo] })
  onTestFinished(() => app.close())
  const button = String(actionButton('todo.create', { title: 'Buy "milk"' }, 'Add <it>', 'quiet'))
  expect(button).toContain('method="post" action="/api/todo/create"')
  expect(button).toContain('<input type="hidden" name="title" value="Buy &quot;milk&quot;">')
  expect(button).toContain('<button class="quiet">Add &lt;it&gt;</button>')
  const form = String(
    callForm('todo.create', { id: 'own' }, { notes: 'x', none: undefined }, input({ name: 'title' })),
  )
  expect(form).toMatch(/id="own".*name="notes" value="x".*<input name="title">/)
  expect(form).not.toContain('name="none"')
  const payload = new URLSearchParams({ title: 'Buy "milk"' })
  expect((await app.inject({ method: 'POST', url: '/api/todo/create', payload })).statusCode).toBe(303)
  expect(await app.db.selectFrom('todo').select('title').execute()).toEqual([{ title: 'Buy "milk"' }])
})

test('actionForm shows the words of submit, and fieldBlock one control with its label, help and error', () => {
  const fields = { dueDate: t.date({ help: 'A day.' }) }
  const plan = defineAction('todo', 'plan', { effect: 'write', input: fields, run: () => undefined })
  expect(String(actionForm(plan, { id: 'plan', submit: 'Do it' }))).toContain('<button>Do it</button>')
  const block = String(fieldBlock('plan', 'dueDate', fields.dueDate, '2026-11-23', 'Too late.'))
  expect(block).toMatch(/<label for="plan-dueDate"[^>]*>Due date/)
  expect(block).toContain('value="2026-11-23"')
  expect(block).toContain('A day.')
  expect(block).toContain('role="alert">Too late.<')
})

test('voidElement makes elements that hold nothing', () => {
  const track = voidElement('track')
  expect(String(track({ src: '/a.vtt' }))).toBe('<track src="/a.vtt">')
  // @ts-expect-error: it takes no children
  expect(() => track({}, 'text')).toThrow(expect.objectContaining({ code: 'LOCALAPP_HTML' }))
})

test('names: inWords, namePattern, actorNames, isPlugin', () => {
  expect(inWords('dueDate')).toBe('Due date')
  expect(inWords('word-count')).toBe('Word count')
  for (const name of ['todo', 'word-count', 'a1']) expect(name).toMatch(namePattern)
  for (const name of ['Todo', '1a', 'a.b', '']) expect(name).not.toMatch(namePattern)
  expect(actorNames).toMatchObject({ user: 'You', model: 'The assistant' })
  expect(isPlugin(new Todo())).toBe(true)
  for (const value of [{ name: 'todo' }, null, Todo]) expect(isPlugin(value)).toBe(false)
})

test('LOCALAPP_INVALID and LOCALAPP_BAD_REQUEST: input that is wrong, and input that is none', async () => {
  expect(new InvalidInput({ title: 'Title is required.' })).toMatchObject({
    code: 'LOCALAPP_INVALID',
    status: 422,
  })
  expect(parseJson('{"a":1}', 'LOCALAPP_BAD_REQUEST', 'The body', 'Mend it.')).toEqual({ a: 1 })
  expect(() => parseJson('{', 'LOCALAPP_BAD_REQUEST', 'The body', 'Mend it.')).toThrow(
    expect.objectContaining({ code: 'LOCALAPP_BAD_REQUEST', fix: 'Mend it.' }),
  )
})

test('LOCALAPP_BAD_REQUEST, LOCALAPP_BODY_TOO_LARGE and LOCALAPP_UNAUTHORIZED over HTTP', async () => {
  const app = await testApp({ plugins: [Todo] })
  onTestFinished(() => app.close())
  const post = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/api/todo/create',
      payload,
      headers: { 'content-type': 'application/json' },
    })
  const code = (answer: { json(): unknown }) => (answer.json() as { error: { code: string } }).error.code
  expect(code(await post('{'))).toBe('LOCALAPP_BAD_REQUEST')
  expect(code(await post(`{"title":"${'x'.repeat(11_000_000)}"}`))).toBe('LOCALAPP_BODY_TOO_LARGE')
  const stranger = await app.inject({ url: '/todo', asPage: false })
  expect(stranger.statusCode).toBe(errorCodes.LOCALAPP_UNAUTHORIZED)
})

test('LOCALAPP_PORT_IN_USE: the port belongs to another program', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as { port: number }
  const app = await fastApp({ plugins: [Todo], data: temporaryFolder(), port })
  onTestFinished(() => app.close())
  await expect(app.serve()).rejects.toMatchObject({ code: 'LOCALAPP_PORT_IN_USE' })
})

test('LOCALAPP_COMMAND: a command line that is wrong is refused in words, with its status', async () => {
  const { code, err } = await ended(home(temporaryFolder(), 'start', '--port', 'x'))
  expect(code).toBe(1)
  expect(err).toMatch(/^“x” is no port\.\n/)
  expect(errorCodes.LOCALAPP_COMMAND).toBe(400)
})
