import { expect, expectTypeOf, test } from 'vitest'
import { decodeFields } from './decode.ts'
import type { Row } from './field.ts'
import { t } from './t.ts'

const price = t.money({ currency: 'EUR' })
const attributes = { id: 'p', name: 'price' }

test.each([
  ['12.5', 1250],
  ['12.500', 1250],
  ['12.', 1200],
  ['.5', 50],
  [' 12,50 ', 1250],
  ['0.07', 7],
  ['-3', -300],
  ['1.15', 115],
  ['8.41', 841],
  ['1005.35', 100_535],
  ['9999999999999.99', 999_999_999_999_999],
  ['-9007199254740.93', -900_719_925_474_093],
])('what is typed is stored exactly, and shown as it was: %s', (text, cents) => {
  expect(price.decode(text, 'form')).toEqual({ ok: true, value: cents })
  expect(price.decode(cents, 'json')).toEqual({ ok: true, value: cents })
  const shown = /value="([^"]*)"/.exec(String(price.control(attributes, cents)))?.[1]
  expect(price.decode(shown, 'form')).toEqual({ ok: true, value: cents })
})

test.each(['12.345', '1,234.56', '1.2.3', '.', '-', '0x10', 'ten', '1e3', '10000000000000.00', '--1', '€ 5'])(
  'an amount that is none is refused, and stays in the form: %s',
  (text) => {
    const message = 'Price must be an amount like 12.5.'
    expect(decodeFields({ price }, { price: text }, 'form')).toMatchObject({ messages: { price: message } })
    expect(String(price.control(attributes, text))).toContain(`value="${text}"`)
  },
)

test('JSON gives whole cents', () => {
  for (const wrong of [12.5, '12.50', 1e15, Number.NaN])
    expect(decodeFields({ price }, { price: wrong }, 'json')).toMatchObject({
      messages: { price: 'Price must be a whole number: 1250 for 12.5.' },
    })
  expect(price.schema()).toMatchObject({ type: 'integer' })
  expect(price.column).toBe('INTEGER')
})

test('a currency has its own digits', () => {
  expect(price.cell(123_456)).toBe('€1,234.56')
  expect(price.cell(999_999_999_999_999)).toBe('€9,999,999,999,999.99')
  expect(price.cell(-5)).toBe('-€0.05')
  const yen = t.money({ currency: 'JPY' })
  expect(yen.cell(1250)).toBe('¥1,250')
  expect(yen.decode('1250', 'form')).toEqual({ ok: true, value: 1250 })
  expect(yen.decode('12.5', 'form')).toMatchObject({ ok: false })
  const dinar = t.money({ currency: 'KWD' })
  expect(dinar.decode('1.2', 'form')).toEqual({ ok: true, value: 1200 })
  expect(() => t.money({ currency: 'EURO' })).toThrow('EURO')
})

test('it is bound, optional and filled in like a number', () => {
  const fields = {
    paid: t.money({ currency: 'EUR', default: 0, min: 0, filter: true, index: true }),
    limit: t.money({ currency: 'USD', optional: true }),
  }
  expectTypeOf<Row<typeof fields>>().toEqualTypeOf<{ paid: number; limit: number | null }>()
  expect(decodeFields(fields, {}, 'form')).toEqual({ ok: true, value: { paid: 0, limit: null } })
  expect(decodeFields(fields, { paid: '-1' }, 'form')).toMatchObject({ ok: false })
  // @ts-expect-error An amount needs a currency.
  expect(() => t.money({ min: 0 })).toThrow()
})
