import { expect, test } from 'vitest'
import { fragment } from '../html/html.ts'
import type { Field, Source } from './field.ts'
import { t } from './t.ts'

const read = (field: Field, raw: unknown, source: Source = 'json'): unknown => {
  const decoded = field.decode(raw, source, 'Tags')
  return decoded.ok ? decoded.value : decoded.message
}

test('yes and no', () => {
  expect(['true', 'on', 'false', ''].map((raw) => read(t.bool({ default: true }), raw, 'form'))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect([true, false].map((raw) => read(t.bool(), raw))).toEqual([true, false])
  for (const raw of ['true', 1, 0, null, '']) expect(read(t.bool(), raw)).toBe('Tags must be true or false.')
  expect(read(t.bool(), 'yes', 'form')).toBe('Tags must be true or false.')
  expect([t.bool().toColumn(true), t.bool().toColumn(false)]).toEqual([1, 0])
  expect([t.bool().fromColumn(1), t.bool().fromColumn(0)]).toEqual([true, false])
})

test('a box is ticked for yes alone', () => {
  const box = (value: unknown): string => String(t.bool().control({ id: 'a', name: 'a' }, value))
  expect(box(true)).toBe('<input id="a" name="a" type="checkbox" value="true" checked>')
  expect(box('on')).toContain('checked')
  for (const value of [false, 'false', '', undefined]) expect(box(value)).not.toContain('checked')
  expect(String(t.bool().cell(true))).toContain('aria-label="Yes"')
  expect(String(t.bool().cell(false))).toContain('aria-label="No"')
})

test('a pick is one of its words', () => {
  const field = t.pick(['low', 'normal', 'high'])
  expect(read(field, 'low')).toBe('low')
  expect(read(field, ' low ', 'form')).toBe('low')
  for (const raw of ['Low', 'toString', 5, ['low']]) {
    expect(read(field, raw)).toBe('Tags must be one of low, normal, high.')
  }
  expect(read(t.pick(['a'], { optional: true }), '', 'form')).toBeNull()
  expect(read(t.pick(['a', 'b'], { default: 'b' }), '', 'form')).toBe('b')
  expect(String(field.cell('low'))).toBe('<span>low</span>')
})

test('a pick offers nothing where nothing is chosen or may be', () => {
  const field = t.pick(['a', 'b'])
  expect(String(field.control({ id: 'x', name: 'x' }, 'b'))).toBe(
    '<select id="x" name="x" required><option value="a">a</option><option value="b" selected>b</option></select>',
  )
  const none = '<option value=""></option>'
  expect(String(field.control({ id: 'x', name: 'x' }, undefined))).toContain(none)
  expect(String(field.control({ id: 'x', name: 'x', required: false }, 'a'))).toContain(none)
  expect(String(t.pick(['a'], { optional: true }).control({ id: 'x', name: 'x' }, 'a'))).toContain(none)
})

test('tags are trimmed, each once, without empty ones', () => {
  expect(read(t.tags(), ' a, b ,,a,c d ', 'form')).toEqual(['a', 'b', 'c d'])
  expect(read(t.tags(), [' a', 'a', '', 'b'])).toEqual(['a', 'b'])
  expect(read(t.tags({ default: ['x'] }), '', 'form')).toEqual([])
  for (const raw of ['a,b', [1], { 0: 'a' }])
    expect(read(t.tags(), raw)).toBe('Tags must be a list of words.')
  expect(read(t.tags(), { 0: 'a' }, 'form')).toBe('Tags must be a list of words.')
  for (const raw of ['a,b', 'a\nb', 'x'.repeat(101)]) {
    expect(read(t.tags(), [raw])).toBe(
      'Each of Tags must be one line of at most 100 characters, without a comma.',
    )
  }
  const many = Array.from({ length: 51 }, (_, i) => `${i}`)
  expect(read(t.tags(), many)).toBe('Tags is too long: 51 entries, at most 50.')
  expect(read(t.tags({ min: 1 }), [])).toBe('Tags is too short: 0 entries, at least 1.')
  expect(read(t.tags({ min: 1 }), '', 'form')).toBe('Tags is required.')
})

test('tags are stored as JSON, shown as spans and typed with commas', () => {
  const field = t.tags()
  expect(field.fromColumn(field.toColumn(['a', 'b']))).toEqual(['a', 'b'])
  expect(String(fragment(field.cell(['a', '<'])))).toBe(
    '<span class="tag">a</span><span class="tag">&lt;</span>',
  )
  expect(String(field.control({ id: 'a', name: 'a' }, ['a', 'b']))).toContain('value="a, b"')
  expect(String(field.control({ id: 'a', name: 'a' }, 'a,,b'))).toContain('value="a,,b"')
})
