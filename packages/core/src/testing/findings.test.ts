import { expect, test } from 'vitest'
import { findings } from './findings.ts'

test('what does not hold is a sentence under its promise, once; an error is one too', async () => {
  const found = findings({ starts: ['It was slow.'] })
  expect(await found.attempt('sells', () => undefined)).toBe(true)
  const twice = (fail: (sentence: string) => void) => {
    for (let i = 0; i < 2; i++) fail('It gave nothing.')
    throw new Error('no more')
  }
  expect(await found.attempt('gives', twice)).toBe(false)
  expect(await found.attempt('waits', () => Promise.reject(new Error('too long')))).toBe(false)
  expect(found.points).toEqual({
    starts: ['It was slow.'],
    sells: [],
    gives: ['It gave nothing.', 'It ended in an error: no more'],
    waits: ['It ended in an error: too long'],
  })
  expect(found.failures).toEqual([
    'starts: It was slow.',
    'gives: It gave nothing.',
    'gives: It ended in an error: no more',
    'waits: It ended in an error: too long',
  ])
})
