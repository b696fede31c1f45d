import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localapp-create-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const bin = join(import.meta.dirname, 'bin.ts')

/** Runs it as a script does: nobody is there to be asked. */
function create(args: readonly string[], userAgent = 'npm/11.19.1 node/v24.21.0', cwd = folder) {
  const env = { ...process.env, npm_config_user_agent: userAgent, GIT_CEILING_DIRECTORIES: tmpdir() }
  const { status, stdout, stderr } = spawnSync(execPath, [bin, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    input: '',
  })
  return { status, stdout, stderr }
}

test('with nothing said and nobody to ask, it is an app, with a repository of its own, and the next commands', () => {
  const { status, stdout, stderr } = create([])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain('  cd my-app\n  npm install\n  npm start\n')
  expect(stdout).not.toContain('\x1b')
  expect(readdirSync(join(folder, 'my-app')).sort()).toEqual([
    '.git',
    '.gitignore',
    'AGENTS.md',
    'README.md',
    'app.ts',
    'flake.nix',
    'package.json',
    'plugins',
    'tsconfig.json',
  ])
})

test('flags decide, in the words of the package manager that is used', () => {
  const { status, stdout } = create(
    ['@ann/books', '--template', 'plugin', '--model', 'none', '--yes'],
    'pnpm/12.21.0 npm/? node/v24.21.0',
  )
  expect(status).toBe(0)
  expect(stdout).toContain('  cd books\n  pnpm install\n  pnpm start\n  pnpm test\n')
  expect(readFileSync(join(folder, 'books/package.json'), 'utf8')).toContain('"name": "@ann/books"')
  expect(existsSync(join(folder, 'books/pnpm-workspace.yaml'))).toBe(true)
})

test('“.” is this folder, and inside a repository it makes none of its own', () => {
  const here = join(folder, 'notes')
  mkdirSync(here)
  spawnSync('git', ['init', '--quiet'], { cwd: folder })
  const { status, stdout } = create(['.', '-t', 'single-file'], undefined, here)
  expect(status).toBe(0)
  expect(stdout).not.toContain('cd ')
  expect(readdirSync(here).sort()).toEqual(['.gitignore', 'AGENTS.md', 'app.ts', 'package.json'])
})

test('a folder that is not empty is refused, and left as it is', () => {
  mkdirSync(join(folder, 'mine'))
  writeFileSync(join(folder, 'mine/notes.txt'), 'mine')
  const { status, stderr } = create(['mine'])
  expect(status).toBe(1)
  expect(stderr).toMatch(/^The folder .* is not empty\. Choose another name, or empty it\.\n$/)
  expect(readdirSync(join(folder, 'mine'))).toEqual(['notes.txt'])
})

test.each([
  [['My App'], '“my-app” would do.'],
  [['admin', '-t', 'plugin'], 'cannot be the name of a plugin'],
  [['a', '--template', 'shop'], 'There is no template “shop”. There are app, plugin, single-file.'],
  [['a', '--model', "x') }"], 'is no name of a model'],
  [['a', 'plugin'], '“plugin” is one argument too many.'],
  [['a', '--templat', 'app'], "Unknown option '--templat'."],
  [['a', '--template'], 'argument missing'],
])('%j is refused in a sentence, and nothing is written', (args, sentence) => {
  const { status, stdout, stderr } = create(args)
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain(sentence)
  expect(stderr).toMatch(/^[^\n]+\.\n$/)
  expect(readdirSync(folder)).toEqual([])
})

test('--help says what there is, and writes nothing', () => {
  const { status, stdout } = create(['--help'])
  expect(status).toBe(0)
  expect(stdout).toContain('app | plugin | single-file')
  expect(readdirSync(folder)).toEqual([])
})
