import { type InjectOptions, type InjectResponse, type TestApp, testApp } from '@localapp/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ plugins: [Todo] })
  await app.call('todo.create', { title: 'Milk' })
})
afterAll(() => app.close())

/** Everything that a call could have changed. */
const stored = () =>
  Promise.all(
    ['todo', 'localapp_entry', 'localapp_change'].map((table) =>
      app.db.selectFrom(table).selectAll().execute(),
    ),
  )

/** Sends what is bad, and proves that nothing came of it and that it is refused in words. */
async function refused(asked: Omit<InjectOptions, 'url'>, url = '/api/todo/create'): Promise<InjectResponse> {
  const before = await stored()
  const answer = await app.inject({ method: 'POST', url, ...asked })
  expect(await stored()).toEqual(before)
  expect(answer.body).not.toMatch(/\n +at /)
  return answer
}

test.each([
  { what: 'an unknown field', input: { title: 'Tea', titel: 'Tea' }, wrong: ['titel'] },
  { what: 'a wrong type', input: { title: 'Tea', done: 'perhaps' }, wrong: ['done'] },
  { what: 'an over-long text', input: { title: 'x'.repeat(201) }, wrong: ['title'] },
  { what: 'a value that is not in a pick', input: { title: 'Tea', priority: 'urgent' }, wrong: ['priority'] },
  { what: 'a day that there is not', input: { title: 'Tea', due: '2026-02-30' }, wrong: ['due'] },
  { what: 'a NUL', input: { title: 'Te\0a' }, wrong: ['title'] },
  { what: 'a NUL in a long text', input: { title: 'Tea', notes: 'a\0b' }, wrong: ['notes'] },
  { what: 'two lines where one is asked for', input: { title: 'Te\na' }, wrong: ['title'] },
  { what: 'a required field left out', input: { notes: 'Green' }, wrong: ['title'] },
  {
    what: 'several at once',
    input: { title: '', priority: 'urgent', no: 'x' },
    wrong: ['title', 'priority', 'no'],
  },
])('$what gets a sentence for each field, as JSON and in a form', async ({ input, wrong }) => {
  const json = await refused({ payload: input })
  expect(json.statusCode).toBe(422)
  const { messages } = json.json() as { messages: Record<string, string> }
  expect(Object.keys(messages).sort()).toEqual([...wrong].sort())
  for (const message of Object.values(messages)) expect(message).toMatch(/^[A-Z][^\n]+[.?]$/)
  const form = await refused({ payload: new URLSearchParams(input) })
  expect(form.statusCode).toBe(422)
  for (const message of Object.values(messages)) expect(form.body).toContain(message)
})

// A form cannot say these: it is UTF-8, and all of it is text.
test.each([
  ['a number for a text', '{"title":5}', 'title'],
  ['a text for a list', '{"title":"Tea","tags":7}', 'tags'],
  ['null for what is required', '{"title":null}', 'title'],
  ['a lone surrogate', String.raw`{"title":"Te\ud800a"}`, 'title'],
  ['a lone surrogate in a long text', String.raw`{"title":"Tea","notes":"\udc00"}`, 'notes'],
  ['a name that objects inherit', '{"title":"Tea","__proto__":{"done":true}}', '__proto__'],
  ['a list for the whole', '[{"title":"Tea"}]', ''],
  ['a text for the whole', '"Tea"', ''],
])('%s gets a sentence for its field', async (_what, payload, field) => {
  const answer = await refused({ payload })
  expect(answer.statusCode).toBe(422)
  const { messages } = answer.json() as { messages: Record<string, string> }
  expect(Object.entries(messages)).toEqual([[field, expect.stringMatching(/^[A-Z][^\n]+[.?]$/)]])
})

test('a form that names a field twice is refused, be it text or an id', async () => {
  const twice = await refused({ payload: new URLSearchParams('title=Tea&title=Coffee') })
  expect(twice.statusCode).toBe(422)
  expect(twice.body).toContain('Title was given twice.')
  expect((await refused({ payload: new URLSearchParams('id=1&id=1') }, '/api/todo/delete')).statusCode).toBe(
    422,
  )
})

test.each([
  ['update', { done: true }],
  ['delete', {}],
  ['get', {}],
  ['move', { after: 1 }],
])('%s of an id that does not exist', async (action, rest) => {
  for (const id of [99, Number.MAX_SAFE_INTEGER]) {
    const answer = await refused({ payload: { id, ...rest } }, `/api/todo/${action}`)
    expect([answer.statusCode, answer.json()]).toEqual([
      404,
      {
        error: {
          code: 'LOCALAPP_NOT_FOUND',
          message: expect.stringContaining(String(id)),
          fix: expect.stringMatching(/\.$/),
        },
      },
    ])
  }
  for (const id of [-1, 0, 1.5, '1', '1 or 1=1', null, {}]) {
    const answer = await refused({ payload: { id, ...rest } }, `/api/todo/${action}`)
    expect(answer.json(), String(id)).toHaveProperty('messages.id')
  }
})

test.each([
  ['malformed JSON', '{"title":', 'application/json', 400],
  ['no JSON at all', 'title=Tea', 'application/json', 400],
  ['a body that is neither JSON nor a form', '<title>Tea</title>', 'text/xml', 400],
  ['a body over the limit', `{"title":"${'x'.repeat(10 * 1024 * 1024)}"}`, 'application/json', 413],
  [
    'a form over the limit',
    `title=${'x'.repeat(10 * 1024 * 1024)}`,
    'application/x-www-form-urlencoded',
    413,
  ],
])('%s is refused as a whole, in a sentence', async (_what, payload, type, status) => {
  const answer = await refused({ payload, headers: { 'content-type': type } })
  const { error } = answer.json() as { error: { code: string; message: string; fix: string } }
  expect([answer.statusCode, error]).toEqual([
    status,
    {
      code: expect.stringMatching(/^LOCALAPP_/),
      message: expect.stringMatching(/^[A-Z].+\.$/),
      fix: expect.stringMatching(/^[A-Z].+\.$/),
    },
  ])
})
