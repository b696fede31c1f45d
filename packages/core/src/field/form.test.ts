import { expect, test } from 'vitest'
import { decodeFields } from './decode.ts'
import { partials } from './field.ts'
import { parseForm } from './form.ts'
import { t } from './t.ts'

const parse = (query: string): Record<string, unknown> => parseForm(new URLSearchParams(query))
const decode = (fields: Parameters<typeof decodeFields>[0], query: string): unknown => {
  const decoded = decodeFields(fields, parse(query), 'form')
  return decoded.ok ? decoded.value : decoded.messages
}

test('dotted names nest, and names with a leading _ are left out', () => {
  expect(parse('title=Milk&_csrf=1&address.street=Elm&offers.1.shop=B&offers.0.shop=A&__proto__=x')).toEqual({
    title: 'Milk',
    address: { street: 'Elm' },
    offers: { 0: { shop: 'A' }, 1: { shop: 'B' } },
  })
})

test('a repeated name is refused in words', () => {
  expect(decode({ title: t.text() }, 'title=a&title=b')).toEqual({ title: 'Title was given twice.' })
  expect(decode({ tags: t.tags() }, 'tags=a&tags=b&tags=c')).toEqual({ tags: 'Tags was given 3 times.' })
  const address = { address: t.obj({ street: t.text() }) }
  expect(decode(address, 'address=x&address.street=y')).toEqual({ address: 'Address was given twice.' })
  expect(decode(address, 'address.street=y&address=x')).toEqual({ address: 'Address was given twice.' })
  expect(decode(address, 'address.street=x&address.street=y')).toEqual({
    address: 'Address: Street was given twice.',
  })
})

test('of the fields that a form shows, a box that is not ticked is false', () => {
  const fields = { title: t.text(), done: t.bool({ default: true }) }
  expect(decode(fields, 'title=a')).toEqual({ title: 'a', done: true })
  expect(decode(fields, 'title=a&_fields=title,done')).toEqual({ title: 'a', done: false })
  expect(decode(fields, 'title=a&done=true&_fields=title,done')).toEqual({ title: 'a', done: true })
  expect(decode(partials(fields), 'title=a&_fields=title,done')).toEqual({ title: 'a', done: false })
  expect(decode(partials(fields), 'title=a&_fields=title')).toEqual({ title: 'a' })
  const days = { days: t.obj({ monday: t.bool({ default: true }), friday: t.bool() }) }
  expect(decode(days, '_fields=days')).toEqual({ days: { monday: false, friday: false } })
  expect(decode(days, '_fields=days&days.friday=true')).toEqual({ days: { monday: false, friday: true } })
})

test('hostile names become unknown fields, and change nothing', () => {
  const fields = { title: t.text(), a: t.obj({ b: t.text() }) }
  const deep = `${'x.'.repeat(50_000)}y`
  for (const name of [
    'constructor.prototype.bad',
    'a.__proto__.bad',
    'a.constructor',
    'toString',
    deep,
    '.',
    '',
  ]) {
    const query = new URLSearchParams([
      ['title', 'Milk'],
      ['a.b', 'c'],
      [name, 'x'],
    ])
    expect(Object.values(decode(fields, query.toString()) as object)[0]).toContain('There is no field')
  }
  expect(({} as Record<string, unknown>).bad).toBeUndefined()
})

test('empty text is nothing: required, null or the default', () => {
  const fields = {
    title: t.text(),
    price: t.number({ optional: true }),
    count: t.integer({ default: 1 }),
    notes: t.longText({ default: 'none' }),
  }
  expect(decode(fields, 'title=+&price=&count=&notes=')).toEqual({ title: 'Title is required.' })
  expect(decode(fields, 'title=a&price=&count=&notes=')).toEqual({
    title: 'a',
    price: null,
    count: 1,
    notes: '',
  })
})
