import { expect, expectTypeOf, test } from 'vitest'
import { t } from '../field/t.ts'
import { defineTable, type Stored } from './table.ts'

test('a table keeps its name and fields, and its rows are typed by them', () => {
  const todos = defineTable('todo', { title: t.text(), done: t.bool(), due: t.date({ optional: true }) })
  expect(todos.name).toBe('todo')
  expect(Object.keys(todos.fields)).toEqual(['title', 'done', 'due'])
  type Todo = Stored<(typeof todos)['fields']>
  expectTypeOf<Todo['title']>().toEqualTypeOf<string>()
  expectTypeOf<Todo['due']>().toEqualTypeOf<string | null>()
  expectTypeOf<Todo['version']>().toEqualTypeOf<number>()
})

test.each(['', '1st', 'a b', 'to"do', 'sqlite_todo', '_field', 'ä'])('“%s” names no table', (name) => {
  expect(() => defineTable(name, {})).toThrow(expect.objectContaining({ code: 'LOCALAPP_DECLARATION' }))
})

test.each(['id', 'Version', 'createdAt', 'updatedat', 'a-b', '_x', '__proto__', 'constructor'])(
  '“%s” names no field',
  (name) => {
    const fields = Object.fromEntries([[name, t.text()]])
    expect(() => defineTable('todo', fields)).toThrow(
      expect.objectContaining({ code: 'LOCALAPP_DECLARATION' }),
    )
  },
)

test('two fields that SQLite cannot tell apart are refused', () => {
  expect(() => defineTable('todo', { title: t.text(), Title: t.text() })).toThrow('taken')
})

test('a field cannot have been one that is there', () => {
  expect(() => defineTable('todo', { title: t.text(), name: t.text({ was: 'title' }) })).toThrow('taken')
  expect(() => defineTable('todo', { name: t.text({ was: 'a b' }) })).toThrow(
    'cannot name what “name” of todo was',
  )
})
