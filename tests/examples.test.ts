import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { root } from '../scripts/root.ts'
import { problemsOf } from './compiler.ts'
import { entries, read } from './public.ts'

/** What an example in a docstring may take for granted beside the packages: what a plugin is given, and some names. */
const context = `import('@localapp/core').PluginContext`
const granted: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['action', 'app', 'page', 'slot', 'table'].map((name) => [
      name,
      `declare const ${name}: ${context}['${name}']`,
    ]),
  ),
  Greeting: `import Greeting from './plugins/20_word_count.ts'`,
  Shop: `import Shop from './plugins/10_todo.ts'`,
  Todo: `import Todo from './plugins/10_todo.ts'`,
  create: `declare const create: import('@localapp/core').Action`,
  expect: `declare const expect: typeof import('vitest').expect`,
  model: `declare const model: import('@localapp/models').Model`,
  test: `declare const test: typeof import('vitest').test`,
  todos: `const todos = Todo.table`,
}

/** The blocks of code in the comments of the sources, each with its place. */
const examples = globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] })
  .sort()
  .flatMap((path) => {
    const text = read(path)
    return Array.from(text.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms), ({ 1: commented = '', index }) => ({
      name: `${path}:${text.slice(0, index).split('\n').length}`,
      code: commented.replaceAll(/^ *\* ?/gm, ''),
    }))
  })

/** An example with what it uses and does not bring itself: what the packages export, and what is granted. */
async function wholeOf(code: string): Promise<string> {
  const needs = (name: string) =>
    new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(code) &&
    !new RegExp(`\\b(?:const|class) ${name}\\b|^import .*\\b${name}\\b`, 'm').test(code)
  const lines = ['export {}']
  const taken = new Set<string>()
  for (const [name, line] of Object.entries(granted)) if (needs(name)) lines.push(line)
  if (needs('todos') && !needs('Todo')) lines.push(`import Todo from "./plugins/10_todo.ts"`)
  if (needs('PluginContext')) lines.push(`import type { PluginContext } from '@localapp/core'`)
  for (const { name } of entries) {
    const used = Object.keys((await import(name)) as object).filter(
      (each) => !(each in granted) && !taken.has(each) && needs(each),
    )
    for (const each of used) taken.add(each)
    if (used.length > 0) lines.push(`import { ${used.join(', ')} } from '${name}'`)
  }
  return `${lines.join('\n')}\n${code}`
}

test('every example in a docstring is sound', { timeout: 60_000 }, async () => {
  expect(examples.length).toBeGreaterThan(30)
  const blocks = await Promise.all(
    examples.map(async ({ name, code }) => ({ name, heading: '', code: await wholeOf(code) })),
  )
  expect(problemsOf(blocks, (at) => `example-${at}.ts`, {})).toEqual([])
})
