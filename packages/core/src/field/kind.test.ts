import { expect, expectTypeOf, test } from 'vitest'
import { bad, decodeFields, defineKind, type Field, good, t } from '../index.ts'

/** A kind as a plugin would bring it: an amount of money, typed as 1.50 and kept in cents. */
const money = defineKind<{ cents: number }, 'filter'>({
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
})

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
  expect(String(fields.price.control({ id: 'a', name: 'a' }, '1,5'))).toBe(
    '<input id="a" name="a" required type="text" inputmode="decimal" value="1,5">',
  )
})

test('a kind that says no more than how it is read has the rest by default', () => {
  const colour = defineKind<string, 'max'>({
    name: 'colour',
    input: { type: 'color' },
    read: (raw, _source, label) =>
      typeof raw === 'string' && raw.startsWith('#')
        ? good(raw)
        : bad(`${label} must be a colour like #00aaff.`),
  })
  const field = colour({ max: 7 })
  expect(field.decode('#00aaff', 'form', 'Paint')).toEqual({ ok: true, value: '#00aaff' })
  expect(field.decode('#00aaff0', 'json', 'Paint')).toEqual({
    ok: false,
    message: 'Paint is too long: 8 characters, at most 7.',
  })
  expect([field.column, field.toColumn('#00aaff'), field.cell('#00aaff')]).toEqual([
    'TEXT',
    '#00aaff',
    '#00aaff',
  ])
  expect(field.schema()).toMatchObject({ type: 'string', maxLength: 7 })
  expect(String(field.control({ id: 'a', name: 'a' }, '#00aaff'))).toBe(
    '<input id="a" name="a" required maxlength="7" type="color" value="#00aaff">',
  )
  expect(() => colour({ default: 'blue' })).toThrow('The default must be a colour like #00aaff.')
})

test('a field without a name calls itself by its label', () => {
  expect(t.text({ label: 'Who' }).decode('', 'json')).toEqual({ ok: false, message: 'Who is required.' })
  expect(t.text().decode('', 'json')).toEqual({ ok: false, message: 'This is required.' })
})
