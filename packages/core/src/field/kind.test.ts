import { expect, expectTypeOf, test } from 'vitest'
import { decodeFields } from './decode.ts'
import type { Field } from './field.ts'
import { bad, defineKind, good, type Maker } from './kind.ts'
import { t } from './t.ts'

/** A kind as a plugin would bring it: an amount of money, typed as 1.50 and kept in cents. */
const money: Maker<{ cents: number }, 'filter'> = defineKind(() => ({
  name: 'money',
  column: 'INTEGER',
  schema: { type: 'string' },
  input: { type: 'text', inputmode: 'decimal' },
  read(raw, _source, label) {
    const [, units, cents] = /^(\d+)\.(\d\d)$/.exec(String(raw)) ?? []
    return units ? good({ cents: Number(units) * 100 + Number(cents) }) : bad(`${label} must be like 1.50.`)
  },
  store: ({ cents }) => cents,
  load: (stored) => ({ cents: Number(stored) }),
  cell: ({ cents }) => (cents / 100).toFixed(2),
}))

test('a kind of a plugin has the types and the ways of the built-in ones', () => {
  expectTypeOf(money()).toEqualTypeOf<Field<{ cents: number }, 'required'>>()
  expectTypeOf(money({ optional: true })).toEqualTypeOf<Field<{ cents: number } | null, 'optional'>>()
  // @ts-expect-error not an option of this kind
  money({ search: true })
  const fields = { price: money(), old: money({ optional: true }), all: t.list(money()) }
  expect(decodeFields(fields, { price: '1.50', old: '', all: '2.00\n3.00' }, 'form')).toEqual({
    ok: true,
    value: { price: { cents: 150 }, old: null, all: [{ cents: 200 }, { cents: 300 }] },
  })
  expect(decodeFields(fields, { price: '1,50' }, 'form')).toEqual({
    ok: false,
    messages: { price: 'Price must be like 1.50.' },
  })
  expect(fields.price.toColumn({ cents: 150 })).toBe(150)
  expect(fields.old.fromColumn(null)).toBeNull()
  expect(fields.old.cell({ cents: 5 })).toBe('0.05')
  expect(String(fields.price.control({ id: 'a', name: 'a', value: '1,5' }))).toBe(
    '<input id="a" name="a" required value="1,5" type="text" inputmode="decimal">',
  )
})

test('a field without a name calls itself by its label', () => {
  expect(t.text({ label: 'Who' }).decode('', 'json')).toEqual({ ok: false, message: 'Who is required.' })
  expect(t.text().decode('', 'json')).toEqual({ ok: false, message: 'This is required.' })
})
