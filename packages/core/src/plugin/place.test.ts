import { expect, test } from 'vitest'
import { placeOf } from './place.ts'

test.each([
  ['at setup (file:///plugins/30_book.ts?version=1763942400000:9:15)', '/plugins/30_book.ts:9'],
  ['at file:///plugins/30_book.ts:9:15', '/plugins/30_book.ts:9'],
  ['file:///plugins/30_book.ts?version=17:9\nthrow', '/plugins/30_book.ts:9'],
])('the line, not the column, is where it was thrown: %s', (frame, place) => {
  const error = Object.assign(new Error('no'), {
    stack: frame.startsWith('at') ? `Error: no\n    ${frame}` : frame,
  })
  expect(placeOf(error, '/plugins/30_book.ts')).toMatch(new RegExp(`${place}$`))
})
