import { t } from '@localapp/core'
import { expect, test } from 'vitest'
import { type CsvRow, csvLine, csvRows, delimiterOf, escapeFormula, unescapeFormula } from './csv.ts'
import { cellOf, fromCell } from './value.ts'

async function rows(text: string, delimiter = ',', size = text.length) {
  const pieces = async function* () {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
  }
  const all: CsvRow[] = []
  for await (const row of csvRows(pieces(), delimiter)) all.push(row)
  return all
}

const hostile = [
  '=1+1',
  "'=1",
  "''@x",
  "'plain",
  '-5',
  '\tx',
  ' spaced ',
  'a"b',
  'a,b;c',
  'two\nlines',
  '\u202Eright to left\u2028',
  '👩‍👩‍👧',
  '<script>alert(1)</script>',
  '[x]',
  '["a"]',
  '{"a":1}',
  'x'.repeat(100_000),
]

test('text goes out and comes back as it was, in pieces of any size', async () => {
  const [row] = await rows(csvLine(hostile.map(escapeFormula)), ',', 7)
  expect(row?.cells.map(unescapeFormula)).toEqual(hostile)
  expect(hostile.filter((text) => /^[=+\-@\t\r]/.test(escapeFormula(text)))).toEqual([])
})

test('values of every kind go out and come back as they were', () => {
  const long = t.longText()
  for (const text of hostile)
    expect(fromCell(long, cellOf(long, text), 'x')).toEqual({ ok: true, value: text })
  const optional = { optional: true } as const
  const pairs = [
    [t.integer(optional), [-5, 0, null]],
    [t.number(optional), [-0.1, 1e300, 5e-324, null]],
    [t.bool(), [true, false]],
    [t.money({ currency: 'EUR', optional: true }), [-5, 0, 1250, 999_999_999_999_999, null]],
    [t.money({ currency: 'JPY' }), [1250]],
    [t.text(optional), [' a ', '-1', '[1] ', null]],
    [t.tags(), [[], ['a', 'b c'], ['["a"]'], ['=x', '{']]],
    [t.list(t.text()), [['a,b', 'c'], []]],
    [t.datetime(optional), ['2026-11-23T09:30:00.000Z', null]],
  ] as const
  for (const [field, values] of pairs)
    for (const value of values)
      expect(fromCell(field, cellOf(field, value), 'x')).toEqual({ ok: true, value })
})

test('an amount is a decimal in a spreadsheet', () => {
  const price = t.money({ currency: 'EUR' })
  expect(cellOf(price, 1250)).toBe('12.50')
  expect(fromCell(price, '12,5', 'x')).toEqual({ ok: true, value: 1250 })
})

test('lines are those of the file, whatever ends them, and quotes hold them together', async () => {
  expect(await rows('a,b\r\n"x\r\ny",2\n\n3,4\r5,', ',', 1)).toMatchObject([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x\r\ny', '2'] },
    { line: 5, cells: ['3', '4'] },
    { line: 6, cells: ['5', ''] },
  ])
})

test('what cannot be told apart is said with its line', async () => {
  const read = await rows('"a"b,c\nok,1\n"open,2\n')
  expect(read.map(({ line, problem }) => [line, problem])).toEqual([
    [1, 'Text stands after a quote that ends its cell.'],
    [2, undefined],
    [3, 'A quote is not closed.'],
  ])
  const [endless] = await rows(`"${'x'.repeat(1_200_000)}`)
  expect(endless?.problem).toContain('A quote may not be closed')
})

test('the delimiter is the mark that the first line has most of, outside of quotes', () => {
  expect(['a;b;c', 'a\tb', '"x,y,z";b', 'a|b', 'alone'].map(delimiterOf)).toEqual([';', '\t', ';', '|', ','])
})
