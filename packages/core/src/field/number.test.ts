import { expect, test } from 'vitest'
import type { Field, Source } from './field.ts'
import { t } from './t.ts'

const read = (field: Field, raw: unknown, source: Source = 'json'): unknown => {
  const decoded = field.decode(raw, source, 'Price')
  return decoded.ok ? decoded.value : decoded.message
}

test('JSON gives numbers as numbers', () => {
  expect(read(t.number(), 3.5)).toBe(3.5)
  for (const raw of ['5', '', true, [5], {}, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(read(t.number(), raw)).toBe('Price must be a number like 3.5.')
    expect(read(t.integer({ default: 1 }), raw)).toBe('Price must be a whole number.')
  }
})

test.each([
  ['3.5', 3.5],
  [' 5 ', 5],
  ['-.5', -0.5],
  ['+1e3', 1_000],
])('a form gives %j as %d', (raw, value) => {
  expect(read(t.number(), raw, 'form')).toBe(value)
})

test.each(['3,5', '1 000', '0x10', '1e999', 'NaN', 'Infinity', '5 €', '--1', '.'])(
  '%j is no number',
  (raw) => {
    expect(read(t.number(), raw, 'form')).toBe('Price must be a number like 3.5.')
  },
)

test('whole numbers are those that JavaScript holds exactly', () => {
  expect(read(t.integer(), Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER)
  expect(read(t.integer(), '-7', 'form')).toBe(-7)
  for (const raw of [1.5, 2 ** 53]) expect(read(t.integer(), raw)).toBe('Price must be a whole number.')
  for (const raw of ['1.5', '1e3', '9007199254740993']) {
    expect(read(t.integer(), raw, 'form')).toBe('Price must be a whole number.')
  }
})

test('bounds hold, zero included', () => {
  const field = t.number({ min: 0, max: 10 })
  expect([0, 10].map((raw) => read(field, raw))).toEqual([0, 10])
  expect(read(field, -0.1)).toBe('Price must be at least 0.')
  expect(read(field, '11', 'form')).toBe('Price must be at most 10.')
  expect(field.schema()).toMatchObject({ type: 'number', minimum: 0, maximum: 10 })
  expect(String(field.control({ id: 'a', name: 'a' }, 0))).toBe(
    '<input id="a" name="a" required min="0" max="10" type="number" step="any" value="0">',
  )
})

test('columns and cells', () => {
  expect([t.number().column, t.integer().column]).toEqual(['REAL', 'INTEGER'])
  expect(t.integer().cell(0)).toBe('0')
  expect(t.integer({ optional: true }).toColumn(null)).toBeNull()
})
