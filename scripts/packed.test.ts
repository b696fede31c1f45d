import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { limits, type Manifest, manifests, problemsOfPacked } from './packed.ts'
import { root } from './root.ts'

const good: Manifest = {
  name: '@localapp/crud',
  version: '1.0.0',
  description: 'Tables of your own on the screen',
  keywords: ['localapp', 'crud', 'sqlite'],
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22.18' },
  files: ['dist', 'README.md'],
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  peerDependencies: { '@localapp/core': '^1.0.0' },
}
const files = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']

test('a package as it should be is clean', () => {
  expect(problemsOfPacked(good, files, 20_000)).toEqual([])
})

test.each<[string, Partial<Manifest>, string[], number]>([
  [`its limit is ${limits['@localapp/crud']} kB`, {}, files, 1_000_000],
  ['LICENSE is not in it', {}, files.slice(1), 1],
  ['there is nothing of site in it', { files: ['dist', 'site', 'README.md'] }, files, 1],
  ['src/index.ts is in it', {}, [...files, 'src/index.ts'], 1],
  ['./dist/index.d.ts, which it names, is missing', {}, files.slice(0, 4), 1],
  ['@localapp/core of this workspace', { peerDependencies: { '@localapp/core': 'workspace:^' } }, files, 1],
  ['no keywords', { keywords: ['crud'] }, files, 1],
  ['which Node', { engines: {} }, files, 1],
  ['not types, then default', { exports: { '.': { default: './dist/index.js' } } }, files, 1],
  ['neither exports nor a command', { exports: {} }, files, 1],
])('it says: %s', (sentence, wrong, packed, bytes) => {
  expect(problemsOfPacked({ ...good, ...wrong }, packed, bytes).join('\n')).toContain(sentence)
})

test('every package is released together with the others', () => {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const fixed = workspace.split('\nversioning:')[1] ?? ''
  for (const { name } of manifests()) expect(fixed).toMatch(new RegExp(`- "?${name}"?\\n`))
})

test('a limit is that of a package', () => {
  const names = manifests().map(({ name }) => name)
  expect(Object.keys(limits).filter((name) => !names.includes(name))).toEqual([])
})

test('the docs say why each dependency is there, and what a package may weigh', () => {
  const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  const said = [...page.matchAll(/^\| `([^`]+)` \| (\w+) \| \w.+ \|$/gm)].map(
    ([, name, by]) => `${by}: ${name}`,
  )
  const needed = manifests().flatMap(({ name, dependencies = {} }) =>
    Object.keys(dependencies).map((dependency) => `${name.replace('@localapp/', '')}: ${dependency}`),
  )
  expect(said.sort()).toEqual(needed.sort())
  for (const { name } of manifests()) expect(page).toContain(`| \`${name}\` | ${limits[name] ?? 50} kB |`)
})
