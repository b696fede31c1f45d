import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { namesFrom } from './name.ts'
import {
  expectFree,
  isNewEnough,
  ownNode,
  type Project,
  type Template,
  templates,
  vite,
  writeProject,
} from './project.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localapp-create-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A part of a package.json. */
interface Manifest {
  name: string
  version: string
  localapp?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

const manifestAt = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Manifest
const written = (file: string) => readFileSync(join(folder, file), 'utf8')

function write(template: Template, more: Partial<Project> = {}): Manifest {
  writeProject(folder, {
    names: namesFrom('@ann/reading-list'),
    template,
    model: undefined,
    manager: { name: 'npm', version: '11.19.1' },
    node: '24.21.0',
    ...more,
  })
  return manifestAt(join(folder, 'package.json'))
}

const names = Object.keys(templates) as Template[]

test.each(names)('%s is called as asked, in all of its files', (template) => {
  expect(write(template).name).toBe('@ann/reading-list')
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    expect(entry.name).not.toMatch(/^_/)
    expect(readFileSync(join(entry.parentPath, entry.name), 'utf8')).not.toMatch(
      /my-p|MyPlugin|My title|workspace:/,
    )
  }
  expect(written('AGENTS.md')).toContain('## The five ideas')
  expect(written('app.ts')).toContain("title: 'Reading list'")
  expect(written('.gitignore')).toContain('data/')
})

test.each(names)('%s has the versions of this repository', (template) => {
  const root = join(import.meta.dirname, '../../..')
  const own = manifestAt(join(import.meta.dirname, '../package.json')).version
  const { devDependencies: ours = {} } = manifestAt(join(root, 'package.json'))
  const { dependencies, devDependencies, peerDependencies } = write(template)
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies }))
    expect([name, version]).toEqual([name, name.startsWith('@localapp/') ? `^${own}` : ours[name]])
  expect(ownNode).toBe(ours.node)
})

test('all packages of the repository have one version, which the templates ask for', () => {
  const packages = join(import.meta.dirname, '../..')
  const versions = readdirSync(packages).map(
    (name) => manifestAt(join(packages, name, 'package.json')).version,
  )
  expect(new Set(versions).size).toBe(1)
})

test('a plugin says where it is, and leaves core to the app', () => {
  expect(write('plugin')).toMatchObject({
    localapp: 'dist/index.js',
    peerDependencies: { '@localapp/core': /./ },
  })
  expect(written('src/index.ts')).toContain('class ReadingList extends')
  expect(written('README.md')).toContain('npm install @ann/reading-list')
})

test('a model is named, taken as it comes, or left out with the assistant', () => {
  write('app', { model: 'qwen3:0.6b' })
  expect(written('app.ts')).toContain("import { assistant, ollama } from '@localapp/llm'")
  expect(written('app.ts')).toContain("assistant({ model: ollama('qwen3:0.6b') })]")
  expect(written('README.md')).toContain('`ollama pull qwen3:0.6b`')
  rmSync(folder, { recursive: true })
  expect(write('app', { model: 'none' }).dependencies).not.toHaveProperty(['@localapp/llm'])
  expect(written('app.ts')).not.toMatch(/assistant|llm/)
  expect(written('app.ts')).toContain("plugins: ['./plugins', admin()]")
  expect(written('README.md')).not.toMatch(/assistant|ollama pull/i)
})

test('where Node is too old, the project brings its own; a plugin only for those who work on it', () => {
  expect(['20.20.2', '22.17.1', '23.5.0'].filter(isNewEnough)).toEqual([])
  expect(['22.18.0', '23.6.0', '24.0.0'].filter((node) => !isNewEnough(node))).toEqual([])
  expect(write('app', { node: '20.20.2' }).dependencies).toHaveProperty('node', ownNode)
  rmSync(folder, { recursive: true })
  const plugin = write('plugin', { node: '20.20.2' })
  expect(plugin.dependencies).not.toHaveProperty('node')
  expect(plugin.devDependencies).toHaveProperty('node', ownNode)
})

test('npm is told of the packages whose install scripts it may run, and nobody else is', () => {
  expect(write('app')).not.toHaveProperty('allowScripts')
  rmSync(folder, { recursive: true })
  expect(write('app', { node: '20.20.2' })).toHaveProperty('allowScripts', { node: true })
  rmSync(folder, { recursive: true })
  expect(write('plugin')).toHaveProperty('allowScripts', { esbuild: true })
  rmSync(folder, { recursive: true })
  expect(write('plugin', { manager: { name: 'bun', version: '1.4.5' } })).not.toHaveProperty('allowScripts')
})

test('Yarn is told of what vitest asks for; the others find it by themselves', () => {
  const vitest = createRequire(createRequire(import.meta.url).resolve('vitest/package.json'))
  expect(vite).toBe((vitest('vite/package.json') as Manifest).version)
  expect(write('plugin', { manager: { name: 'yarn', version: '4.18.1' } }).devDependencies).toHaveProperty(
    'vite',
    vite,
  )
  rmSync(folder, { recursive: true })
  expect(write('plugin').devDependencies).not.toHaveProperty('vite')
  rmSync(folder, { recursive: true })
  const { devDependencies = {} } = write('single-file', { manager: { name: 'yarn', version: '4.18.1' } })
  expect(devDependencies).not.toHaveProperty('vite')
})

test('a flake runs and names the project; an app in one file has none', () => {
  write('app', { manager: { name: 'pnpm', version: '12.21.0' } })
  expect(written('flake.nix')).toContain('[ pkgs.nodejs_24 pkgs.pnpm ]')
  expect(written('flake.nix')).toContain('|| pnpm install >&2')
  expect(written('flake.nix')).toContain('description = "Reading list"')
  rmSync(folder, { recursive: true })
  write('single-file')
  expect(readdirSync(folder)).not.toContain('flake.nix')
})

test('a folder is free when it is not there, is empty or is a new repository', () => {
  expectFree(join(folder, 'new'))
  expectFree(folder)
  mkdirSync(join(folder, '.git'))
  expectFree(folder)
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  expect(() => expectFree(folder)).toThrow('is not empty')
  expect(() => expectFree(join(folder, 'notes.txt'))).toThrow('is a file')
})

test('no file is overwritten, whoever put it there', () => {
  writeFileSync(join(folder, 'app.ts'), 'mine')
  expect(() => write('app')).toThrow('EEXIST')
  expect(written('app.ts')).toBe('mine')
})
