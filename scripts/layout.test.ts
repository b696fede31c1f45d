import { expect, test } from 'vitest'
import { problemOfImport } from './layout.ts'

const core = 'packages/core/src'

test('a folder of core may import from those before it alone', () => {
  expect(problemOfImport(`${core}/action/call.ts`, '../field/decode.ts')).toBeUndefined()
  expect(problemOfImport(`${core}/action/call.ts`, './action.ts')).toBeUndefined()
  expect(problemOfImport(`${core}/field/decode.ts`, '../action/call.ts')).toContain('may not know action')
  expect(problemOfImport(`${core}/field/decode.ts`, '../index.ts')).toContain('may not know index.ts')
  expect(problemOfImport(`${core}/misc/decode.ts`, '../html/html.ts')).toContain('does not list')
})

test('the entries and the tests of core may import any folder of core', () => {
  expect(problemOfImport(`${core}/index.ts`, './app/app.ts')).toBeUndefined()
  expect(problemOfImport(`${core}/testing/index.ts`, '../app/app.ts')).toBeUndefined()
  expect(problemOfImport(`${core}/field/field.test.ts`, '../testing/index.ts')).toBeUndefined()
})

test('packages know core by its public entry alone, and core knows none', () => {
  expect(problemOfImport('packages/crud/src/crud.ts', '@localapp/core')).toBeUndefined()
  expect(problemOfImport('packages/crud/src/crud.test.ts', '@localapp/core/testing')).toBeUndefined()
  expect(problemOfImport('packages/crud/src/testing/app.ts', '@localapp/core/testing')).toBeUndefined()
  expect(problemOfImport('packages/crud/src/crud.ts', '@localapp/core/testing')).toContain('core alone')
  expect(problemOfImport('packages/crud/src/crud.ts', '@localapp/llm')).toContain('core alone')
  expect(problemOfImport('packages/crud/src/crud.ts', '../../core/src/index.ts')).toContain(
    'outside its own src',
  )
  expect(problemOfImport('packages/llm/src/loop.ts', '@localapp/models')).toBeUndefined()
  expect(problemOfImport('packages/llm/src/loop.test.ts', '@localapp/models/testing')).toBeUndefined()
  expect(problemOfImport('packages/llm/src/testing/index.ts', '@localapp/models/testing')).toBeUndefined()
  expect(problemOfImport('packages/llm/src/loop.ts', '@localapp/models/testing')).toContain('core alone')
  expect(problemOfImport('packages/inspector/src/part.ts', '@localapp/models')).toBeUndefined()
  expect(problemOfImport('packages/models/src/first-of.ts', '@localapp/llm')).toContain('core alone')
  expect(problemOfImport(`${core}/app/app.ts`, '@localapp/crud')).toContain('no package of ours')
})
