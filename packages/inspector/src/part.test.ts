import { expect, test } from 'vitest'
import { partsOf } from './part.ts'

const tool = { name: 'todo_create', description: 'Adds a task.', parameters: { type: 'object' } }
const sent = {
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'add milk' },
    { role: 'assistant', content: 'Done.', calls: [{ tool: 'todo_create', args: { title: 'Milk' } }] },
    { role: 'tool', tool: 'todo_create', content: 'Added' },
    { role: 'user', content: 'and bread' },
    { role: 'assistant', content: '', calls: [{ tool: 'journal_list', args: {} }] },
    { role: 'tool', tool: 'journal_list', content: 'Added “Milk”' },
  ],
  tools: [tool],
} as const

test('a request comes apart into what it is made of, in order, and nothing is lost', () => {
  const parts = partsOf(sent, null)
  expect(parts.map(({ title, pieces }) => [title, pieces.length])).toEqual([
    ['Instructions', 1],
    ['Tools', 1],
    ['Earlier', 3],
    ['What you said', 1],
    ['What was looked up and done since', 2],
  ])
  const pieces = parts.flatMap((part) => part.pieces)
  expect(pieces).toContainEqual({ title: 'The model', text: 'Done.\ntodo_create {"title":"Milk"}' })
  expect(pieces).toContainEqual({ title: 'Result of journal_list', text: 'Added “Milk”' })
  expect(pieces).toContainEqual({ title: 'todo_create', text: JSON.stringify(tool) })
})

test('what the model counted is shared out by length; without a count four letters are a token', () => {
  const tokens = (counted: number | null) =>
    partsOf(
      {
        messages: [
          { role: 'system', content: 'a'.repeat(300) },
          { role: 'user', content: 'b'.repeat(100) },
        ],
      },
      counted,
    ).map((part) => part.tokens)
  expect(tokens(1000)).toEqual([750, 250])
  expect(tokens(null)).toEqual([75, 25])
  expect(tokens(0)).toEqual([75, 25])
})

test('a request of a step of a pipeline has no user and a form for the answer', () => {
  const parts = partsOf(
    { messages: [{ role: 'system', content: 'Fill in.' }], schema: { type: 'object' } },
    10,
  )
  expect(parts.map(({ title }) => title)).toEqual(['Instructions', 'The form of the answer'])
  expect(partsOf({ messages: [] }, 10)).toEqual([])
})
