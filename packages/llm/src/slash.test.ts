import { expect, test } from 'vitest'
import { parseSlash } from './slash.ts'

test.each([
  ['/todo.create title="Buy milk" done=true', { title: 'Buy milk', done: 'true' }],
  ['/todo.create title="say \\"hi\\" \\\\ there"', { title: 'say "hi" \\ there' }],
  ['/todo.create title=', { title: '' }],
  ['/todo.create  note="two\nlines"', { note: 'two\nlines' }],
  ['/todo.list', {}],
])('%s is read', (text, input) => {
  expect(parseSlash(text)).toMatchObject({ input })
})

test('a key that is a trap stays a key', () => {
  const slash = parseSlash('/todo.create __proto__=x')
  expect(typeof slash === 'object' && Object.keys(slash.input as object)).toEqual(['__proto__'])
})

test.each([
  ['/todo', 'A command looks like'],
  ['/todo.create milk', '“milk” is not key=value'],
  ['/todo.create title="open', '“title="open” is not key=value'],
  ['/todo.create a=1 a=2', '“a” is given twice.'],
  ['/todo.create{', 'A command looks like'],
])('%s is refused in words', (text, message) => {
  expect(parseSlash(text)).toContain(message)
})
