import { expect, test } from 'vitest'
import { decodeFields } from './decode.ts'
import type { Fields, Source } from './field.ts'
import { t } from './t.ts'

const fields = {
  title: t.text({ max: 200 }),
  done: t.bool({ default: true }),
  dueDate: t.date({ optional: true }),
}

function messagesOf(raw: unknown, source: Source = 'json', of: Fields = fields): unknown {
  const decoded = decodeFields(of, raw, source)
  return decoded.ok ? decoded.value : decoded.messages
}

test('what is left out is null, its default, or missing', () => {
  expect(messagesOf({ title: 'Milk' })).toEqual({ title: 'Milk', done: true, dueDate: null })
  expect(messagesOf({ title: 'Milk', dueDate: undefined })).toEqual({
    title: 'Milk',
    done: true,
    dueDate: null,
  })
  expect(messagesOf(undefined)).toEqual({ title: 'Title is required.' })
  expect(messagesOf({}, 'form')).toEqual({ title: 'Title is required.' })
})

test('a default is a copy, so that no row shares it', () => {
  const listed = { tags: t.tags({ default: ['a'] }), urls: t.list(t.url()) }
  const first = decodeFields(listed, { urls: '' }, 'form')
  if (first.ok) first.value.tags.push('b')
  if (first.ok) first.value.urls.push('c')
  expect(messagesOf({ urls: '' }, 'form', listed)).toEqual({ tags: ['a'], urls: [] })
})

test('each field that is wrong gets its sentence', () => {
  expect(messagesOf({ title: 5, done: 'yes', dueDate: '2026-02-30' })).toEqual({
    title: 'Title must be one line of text.',
    done: 'Done must be true or false.',
    dueDate: 'Due date must be a date like 2026-11-23.',
  })
  expect(messagesOf({ title: null, done: null })).toEqual({
    title: 'Title is required.',
    done: 'Done must be true or false.',
  })
  expect(messagesOf({ title: 'x'.repeat(250) })).toEqual({
    title: 'Title is too long: 250 characters, at most 200.',
  })
})

test('an unknown field is named, with those that there are', () => {
  expect(messagesOf({ title: 'Milk', titel: 1 })).toEqual({
    titel: 'There is no field “titel”. The fields are: title, done, dueDate.',
  })
})

test('a long or numerous unknown name makes no long answer', () => {
  expect(messagesOf({ a: 1 }, 'json', {})).toEqual({ a: 'There is no field “a”. The fields are: none.' })
  const long = 'tit'.repeat(100_000)
  expect((messagesOf({ title: 'Milk', [long]: 1 }) as Record<string, string>)[long]?.length).toBeLessThan(200)
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`x${i}`, 1]))
  expect(Object.keys(messagesOf(many) as object).length).toBeLessThan(50)
})

test('names of the prototype are unknown fields', () => {
  const raw = JSON.parse('{"title":"Milk","__proto__":{"done":false},"constructor":1,"toString":2}')
  const messages = messagesOf(raw)
  expect(Object.keys(messages as object).sort()).toEqual(['__proto__', 'constructor', 'toString'])
  expect(JSON.stringify(messages)).toContain('There is no field “__proto__”.')
  expect(messagesOf(raw, 'json', { a: t.obj({ title: t.text() }) })).toHaveProperty('constructor')
  const inner = messagesOf({ a: raw }, 'json', { a: t.obj({ title: t.text() }) })
  expect(inner).toEqual({ a: expect.stringContaining('A: There is no field “__proto__”.') })
})

test.each([[[]], ['text'], [5], [true]])('%j holds no fields', (raw) => {
  expect(messagesOf(raw)).toEqual({ '': 'Fields are expected, each with its name and value.' })
})

test.each(['a\0b', 'a\ud800b'])('broken text is refused in every kind (%j)', (broken) => {
  const kinds: Fields = {
    text: t.text(),
    longText: t.longText(),
    markdown: t.markdown(),
    pick: t.pick(['a']),
    url: t.url(),
    email: t.email(),
    date: t.date(),
    list: t.list(t.text()),
  }
  const values = Object.fromEntries(Object.keys(kinds).map((name) => [name, broken]))
  const messages = messagesOf({ ...values, list: [broken] }, 'json', kinds) as Record<string, string>
  for (const name of Object.keys(kinds)) {
    expect(messages[name]).toMatch(/holds a character that is no text\.$/)
  }
  expect(messagesOf({ tags: [broken] }, 'json', { tags: t.tags() })).toHaveProperty('tags')
})
