import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asLocalappError, errorCodes, isLocalappError, LocalappError, localappError } from './error.ts'

test('the docs have each code with its status, and no other', () => {
  const docs = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...docs.matchAll(/^\| `(LOCALAPP_\w+)` \| (\d+) \|/gm)]
  const documented = rows.map(([, code = '', status]): [string, number] => [code, Number(status)])
  expect(Object.fromEntries(documented)).toEqual(errorCodes)
  expect(documented.length).toBe(Object.keys(errorCodes).length)
})

test('an error says what happened, what to do, and which status it answers with', () => {
  const cause = new Error('disk')
  const error = localappError('LOCALAPP_NOT_FOUND', 'There is no book 7.', 'Look into the list.', cause)
  expect(error).toMatchObject({ code: 'LOCALAPP_NOT_FOUND', status: 404, fix: 'Look into the list.', cause })
  expect(isLocalappError(error)).toBe(true)
})

test('an error of another copy of the package is known, one that only looks like it is not', () => {
  class Copy extends LocalappError {}
  expect(isLocalappError(new Copy('LOCALAPP_HTML', 'No.', 'Do.'))).toBe(true)
  const foreign = Object.create({ [Symbol.for('localapp.error')]: true }, { message: { value: 'No.' } })
  expect(isLocalappError(foreign)).toBe(true)
  for (const value of [JSON.parse('{"code":"LOCALAPP_HTML","fix":""}'), new Error('No.'), null, 'No.'])
    expect(isLocalappError(value)).toBe(false)
})

test('what was thrown by others keeps its words', () => {
  const ours = localappError('LOCALAPP_HTML', 'No.', 'Do.')
  expect(asLocalappError(ours, 'LOCALAPP_PLUGIN', 'It failed', 'Mend it.')).toBe(ours)
  const thrown = new Error('boom')
  expect(asLocalappError(thrown, 'LOCALAPP_PLUGIN', 'It failed', 'Mend it.')).toMatchObject({
    code: 'LOCALAPP_PLUGIN',
    message: 'It failed: boom.',
    fix: 'Mend it.',
    cause: thrown,
  })
  expect(asLocalappError('why?', 'LOCALAPP_PLUGIN', 'It failed', 'Mend it.').message).toBe('It failed: why?')
})
