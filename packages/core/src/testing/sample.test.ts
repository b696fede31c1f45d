import { expect, test } from 'vitest'
import { t } from '../field/t.ts'
import { hostile, sampleOf } from './sample.ts'

const fields = {
  title: t.text({ max: 10 }),
  notes: t.markdown(),
  shelf: t.pick(['a', 'b']),
  due: t.date({ optional: true }),
  site: t.url({ optional: true }),
  ratings: t.list(t.integer({ min: 3 }), { min: 2 }),
  book: t.obj({ title: t.text(), pages: t.integer() }),
}

test('sampleOf finds a value that each field takes', () => {
  const sample = sampleOf(fields, 'Some longer text', 1, true)
  expect(Object.keys(sample)).toEqual(Object.keys(fields))
  for (const [name, field] of Object.entries(fields))
    expect([name, field.decode(sample[name], 'json').ok]).toEqual([name, true])
  expect(sample).toMatchObject({ title: 'Some longe', notes: 'Some longer text', due: '2026-01-02' })
})

test('sampleOf leaves out what may be left out, where it is told to', () => {
  expect(Object.keys(sampleOf(fields, hostile, 1, false))).toEqual(['title', 'shelf', 'ratings', 'book'])
})
