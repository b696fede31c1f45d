import { env } from 'node:process'
import { afterAll, expect, test } from 'vitest'
import type { Field, Source } from './field.ts'
import { t } from './t.ts'

const zone = env.TZ
env.TZ = 'America/New_York'
afterAll(() => {
  if (zone === undefined) delete env.TZ
  else env.TZ = zone
})

const read = (field: Field, raw: unknown, source: Source = 'json'): unknown => {
  const decoded = field.decode(raw, source, 'Due')
  return decoded.ok ? decoded.value : decoded.message
}

test.each([
  '2026-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-11-31',
  '26-1-1',
  '2026-11-23T00:00',
  'soon',
  20261123,
  ['2026-11-23'],
])('%j is no day of the calendar', (raw) =>
  expect(read(t.date(), raw)).toBe('Due must be a date like 2026-11-23.'),
)

test('days, leap days too, with their bounds', () => {
  expect(read(t.date(), '2028-02-29')).toBe('2028-02-29')
  expect(read(t.date(), ' 2026-11-23 ', 'form')).toBe('2026-11-23')
  const field = t.date({ min: '2026-01-01', max: '2026-12-31' })
  expect(read(field, '2026-12-31')).toBe('2026-12-31')
  expect(read(field, '2025-12-31')).toBe('Due must be at least 2026-01-01.')
  expect(read(field, '2027-01-01')).toBe('Due must be at most 2026-12-31.')
  expect(String(field.control({ id: 'a', name: 'a' }, '2026-02-02'))).toContain(
    'min="2026-01-01" max="2026-12-31" type="date" value="2026-02-02"',
  )
  expect(String(field.cell('2026-02-02'))).toBe('<time datetime="2026-02-02">2026-02-02</time>')
})

test('a moment is kept in UTC, whatever zone it was written in', () => {
  expect(read(t.datetime(), '2026-11-23T09:30:15.5Z')).toBe('2026-11-23T09:30:15.500Z')
  expect(read(t.datetime(), '2026-11-23T09:30+02:00')).toBe('2026-11-23T07:30:00.000Z')
  expect(read(t.datetime({ default: '2026-01-01T00:00Z' }), '')).toBe('2026-01-01T00:00:00.000Z')
})

test.each([
  '2026-11-23T09:30',
  '2026-02-30T09:30Z',
  '2026-11-23T25:00Z',
  '2026-11-23',
  '2026-11-23 09:30Z',
  5,
  ['2026-11-23T09:30Z'],
])('%j is no moment', (raw) =>
  expect(read(t.datetime(), raw)).toBe('Due must be a date and time like 2026-11-23T09:30Z.'),
)

test('a form reads and shows a moment on the clock of the machine, and loses nothing of it', () => {
  const shown = (value: unknown): string | undefined =>
    /value="([^"]*)"/.exec(String(t.datetime().control({ id: 'a', name: 'a' }, value)))?.[1]
  expect(read(t.datetime(), '2026-11-23T04:30', 'form')).toBe('2026-11-23T09:30:00.000Z')
  expect(read(t.datetime(), '2026-07-23T04:30', 'form')).toBe('2026-07-23T08:30:00.000Z')
  expect(read(t.datetime(), 'soon', 'form')).toBe('Due must be a date and time like 2026-11-23T09:30.')
  for (const at of ['2026-11-23T09:30:00.000Z', '2026-07-23T09:30:15.000Z', '2026-11-23T02:00:00.123Z']) {
    expect(read(t.datetime(), shown(at), 'form')).toBe(at)
  }
  expect(shown('2026-11-23T09:30:00.000Z')).toBe('2026-11-23T04:30')
  expect(shown('2026-11-23T02:30')).toBe('2026-11-23T02:30')
  expect(shown('soon')).toBe('soon')
  expect(String(t.datetime().cell('2026-11-23T02:30:00.000Z'))).toBe(
    '<time datetime="2026-11-23T02:30:00.000Z">2026-11-22 21:30</time>',
  )
})
