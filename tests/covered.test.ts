import { globSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes, t } from '@localapp/core'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { root } from '../scripts/root.ts'
import { commandLine, described, elementNames, entries, membersOf, read } from './public.ts'

const here = 'tests/covered.test.ts'
const files = globSync(['{packages/*/{src,templates},examples,tests}/**/*.{test,e2e}.ts'], {
  cwd: root,
  exclude: ['**/node_modules'],
})
/** What the tests say, in one text; this one and its list say nothing. */
const tests = files
  .filter((file) => file.replaceAll('\\', '/') !== here)
  .map(read)
  .join('\n')

const untested = (names: readonly string[]): string[] =>
  names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(tests))

test.each(entries)('a test names each value that $name exports', async ({ name }) => {
  const elements = name === '@localapp/core' ? await elementNames() : []
  const exported = Object.keys(await import(name)).filter((each) => !elements.includes(each))
  expect(untested(exported)).toEqual([])
})

test.each(described)('a test names each member of %s', (name, source) => {
  expect(untested(membersOf(name, source))).toEqual([])
})

test('a test names every kind of field, every error code, every command and its options', async () => {
  expect(untested(Object.keys(t).map((kind) => `t\\.${kind}`))).toEqual([])
  expect(untested(Object.keys(errorCodes))).toEqual([])
  const { commands, options } = commandLine()
  expect(untested(commands)).toEqual([])
  expect(options.filter((option) => !new RegExp(`${option}(?![\\w-])`).test(tests))).toEqual([])
})

test('every export says in a comment what it is, types too, and no options are left out of the docs', async () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  const sources = entries.map(({ source }) => join(root, source))
  const program = ts.createProgram(sources, options)
  const checker = program.getTypeChecker()
  const elements = await elementNames()
  const bare: string[] = []
  const optionNames: string[] = []
  for (const source of sources) {
    const file = program.getSourceFile(source)
    const module = file && checker.getSymbolAtLocation(file)
    const exported = module ? checker.getExportsOfModule(module) : []
    expect(exported.length).toBeGreaterThan(0)
    for (const each of exported) {
      const symbol = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each
      // `t` holds the kinds of field, each with a comment of its own.
      if (elements.includes(each.name) || symbol.flags & ts.SymbolFlags.ValueModule) continue
      if (symbol.getDocumentationComment(checker).length === 0) bare.push(each.name)
      const isInterface = symbol.flags & ts.SymbolFlags.Interface && (symbol.members?.size ?? 0) > 0
      if (isInterface && /(Options|Step|Context|Declaration|Stage)$/.test(each.name))
        optionNames.push(each.name)
    }
  }
  expect(bare).toEqual([])
  const known: readonly string[] = described.map(([name]) => name)
  expect(optionNames.filter((name) => !known.includes(name))).toEqual([])
})
