import { expect, test } from 'vitest'
import { fragment } from '../html/html.ts'
import type { Field, Source } from './field.ts'
import { parseForm } from './form.ts'
import { t } from './t.ts'

const read = (field: Field, raw: unknown, source: Source = 'json'): unknown => {
  const decoded = field.decode(raw, source, 'Offers')
  return decoded.ok ? decoded.value : decoded.message
}

const offers = t.list(
  t.obj({
    shop: t.text(),
    price: t.number({ optional: true }),
    level: t.pick(['a', 'b'], { default: 'a' }),
    sold: t.bool(),
  }),
)

test('a list in JSON is a list, and names the row that is wrong', () => {
  expect(read(t.list(t.integer()), [1, 2])).toEqual([1, 2])
  expect(read(t.list(t.integer()), [1, '2'])).toBe('Row 2 of Offers must be a whole number.')
  expect(read(t.list(t.text()), [null])).toBe('Row 1 of Offers is required.')
  expect(read(t.list(t.text({ optional: true })), ['a', null])).toEqual(['a', null])
  for (const raw of ['a', { 0: 1 }, 5, '']) expect(read(t.list(t.text()), raw)).toBe('Offers must be a list.')
  expect(read(t.list(t.integer()), Array(1_001).fill(1))).toBe(
    'Offers is too long: 1001 entries, at most 1000.',
  )
  expect(read(t.list(t.integer(), { min: 1 }), [])).toBe('Offers is too short: 0 entries, at least 1.')
  expect(read(offers, [{ shop: 'A', price: '1' }])).toBe('Row 1 of Offers: Price must be a number like 3.5.')
})

test('a list of short values is a line for each in a form', () => {
  expect(read(t.list(t.url()), 'https://a.example\r\n\r\n https://b.example ', 'form')).toEqual([
    'https://a.example',
    'https://b.example',
  ])
  expect(read(t.list(t.url()), 'https://a.example\nb', 'form')).toBe(
    'Row 2 of Offers must be a web address like https://example.org.',
  )
  const control = (value: unknown): string =>
    String(t.list(t.integer()).control({ id: 'a', name: 'a' }, value))
  expect(control([1, 2])).toBe('<textarea id="a" name="a" rows="4">\n1\n2</textarea>')
  expect(control('1\nx')).toContain('\n1\nx<')
})

test('a list of objects comes from numbered names, and blank rows are dropped', () => {
  const form = parseForm(
    new URLSearchParams(
      'offers.0.shop=A&offers.0.price=2.5&offers.0.level=b&offers.0.sold=true&offers.1.shop=+&offers.1.price=&offers.1.level=&offers.2.shop=C&offers.2.price=&offers.2.level=',
    ),
  )
  expect(read(offers, form.offers, 'form')).toEqual([
    { shop: 'A', price: 2.5, level: 'b', sold: true },
    { shop: 'C', price: null, level: 'a', sold: false },
  ])
  expect(read(offers, { 0: { shop: '', price: '3' } }, 'form')).toBe('Row 1 of Offers: Shop is required.')
  expect(read(offers, { 0: { shop: '', price: '' } }, 'form')).toEqual([])
})

test('its control has the rows and one more, of which nothing is required', () => {
  const html = String(
    offers.control({ id: 'f', name: 'offers' }, [{ shop: '<A>', price: null, level: 'b', sold: true }]),
  )
  expect(html).toContain(
    '<input id="f-0-shop" name="offers.0.shop" maxlength="1000" type="text" value="&lt;A&gt;"',
  )
  expect(html).toContain(
    '<label for="f-1-price" id="f-1-price-label">Price</label><input id="f-1-price" name="offers.1.price" type="number" step="any" value=""',
  )
  expect(html).not.toContain('offers.2.')
  expect(html).not.toContain(' required')
  expect(html).toContain('<option value=""></option>')
  expect(html).toContain('<div id="f-1" class="fields" role="group" aria-label="Row 2">')
})

test('what a control sends, untouched, is what it shows', () => {
  const value = [{ shop: 'A', price: 1, level: 'b', sold: true }]
  const html = String(offers.control({ id: 'f', name: 'offers' }, value))
  const inputs = [
    ...html.matchAll(
      /<input[^>]*? name="([^"]*)"[^>]*? (?:type="checkbox" value="true"( checked)?|value="([^"]*)")/g,
    ),
  ]
  const sent = inputs.flatMap(([all, name = '', , text]) =>
    text !== undefined ? [[name, text] as const] : all.endsWith('checked') ? [[name, 'true'] as const] : [],
  )
  const form = parseForm([...sent, ['offers.0.level', 'b'], ['offers.1.level', '']])
  expect(read(offers, form.offers, 'form')).toEqual(value)
})

test('a group of controls is named and explained as one', () => {
  const html = String(offers.control({ id: 'f', name: 'offers', 'aria-describedby': 'f-error' }, []))
  expect(html).toMatch(
    /^<div id="f" class="fields" role="group" aria-labelledby="f-label" aria-describedby="f-error">/,
  )
})

test('a full list offers no further row', () => {
  const field = t.list(t.longText(), { max: 1 })
  expect(String(field.control({ id: 'a', name: 'a' }, ['x']))).not.toContain('a.1')
  expect(String(field.control({ id: 'a', name: 'a' }, []))).toContain('name="a.0"')
})

test('lists of lists have a text of lines for each', () => {
  const field = t.list(t.list(t.integer()))
  expect(read(field, { 0: '1\n2', 1: '', 2: '3' }, 'form')).toEqual([[1, 2], [3]])
  expect(read(field, [[1], ['x']])).toBe('Row 1 of Row 2 of Offers must be a whole number.')
})

test('an object has its fields and no others', () => {
  const field = t.obj({ street: t.text(), zip: t.integer({ optional: true }) })
  expect(read(field, { street: 'Elm' })).toEqual({ street: 'Elm', zip: null })
  expect(read(field, { street: '', zip: 1.5 })).toBe(
    'Offers: Street is required. Zip must be a whole number.',
  )
  expect(read(field, { street: 'Elm', stret: 1 })).toBe(
    'Offers: There is no field “stret”. The fields are: street, zip.',
  )
  for (const raw of ['Elm', [], 5]) expect(read(field, raw)).toBe('Offers must have the fields street, zip.')
  expect(read(field, null)).toBe('Offers is required.')
})

test('an optional object that is blank in a form is null, and its controls may stay empty', () => {
  const field = t.obj({ street: t.text(), zip: t.text() }, { optional: true })
  expect(read(field, { street: '', zip: ' ' }, 'form')).toBeNull()
  expect(read(field, { street: 'Elm', zip: '' }, 'form')).toBe('Offers: Zip is required.')
  expect(String(field.control({ id: 'a', name: 'a' }, null))).not.toContain(' required')
  expect(String(t.obj({ zip: t.text() }).control({ id: 'a', name: 'a' }, undefined))).toContain(' required')
})

test('both are JSON in their column, and cells join their parts', () => {
  const value = [{ shop: 'A', price: null, level: 'a' as const, sold: true }]
  expect(offers.fromColumn(offers.toColumn(value))).toEqual(value)
  expect(offers.column).toBe('TEXT')
  expect(String(fragment(t.list(t.text()).cell(['a', '<'])))).toBe('a, &lt;')
  expect(String(fragment(t.obj({ a: t.text(), b: t.integer() }).cell({ a: 'x', b: 1 })))).toBe('x, 1')
})
