import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localapp-create-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const bin = join(import.meta.dirname, 'bin.ts')

/** Runs it as a script does: nobody is there to be asked. */
function create(
  args: readonly string[],
  userAgent = 'npm/11.19.1 node/v24.21.0',
  cwd = folder,
  flags: readonly string[] = [],
) {
  const env = { ...process.env, npm_config_user_agent: userAgent, GIT_CEILING_DIRECTORIES: tmpdir() }
  const { status, stdout, stderr } = spawnSync(execPath, [...flags, bin, ...args], {
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

test('on a Node that is too old it says so, what it did about it, and how to do without', () => {
  // The process believes that it is on another one; what it prints is real.
  const old =
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })'
  const { status, stdout } = create([], undefined, folder, ['--import', `data:text/javascript,${old}`])
  expect(status).toBe(0)
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'my-app/package.json'), 'utf8'))
  const words = stdout.replaceAll('\n', ' ')
  expect(words).toContain('This is Node 20.20.2, and 22.18 or later is needed.')
  expect(words).toContain(`package.json has Node ${dependencies.node} (the package “node”)`)
  expect(words).toContain('With a newer Node of your own, take that line out.')
  expect(create(['other']).stdout).not.toContain('is needed')
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
  expect(stdout).not.toContain('README')
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

/** The usual answers of the questions that were asked. */
const questionsIn = (said: string) => Array.from(said.matchAll(/\(([^()]*)\) /g), ([, usual]) => usual)

/** Runs it as at a terminal, where each question gets the next answer; gives what stood there, and the exit code. */
async function talk(
  args: readonly string[],
  answers: readonly string[],
): Promise<{ said: string; code: number }> {
  const terminal = 'data:text/javascript,process.stdin.isTTY = process.stdout.isTTY = true'
  const env = {
    ...process.env,
    npm_config_user_agent: 'npm/11.19.1',
    NO_COLOR: '1',
    GIT_CEILING_DIRECTORIES: tmpdir(),
  }
  const child = spawn(execPath, ['--import', terminal, bin, ...args], { cwd: folder, env })
  const left = [...answers]
  let said = ''
  let asked = 0
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      // Without what moves the cursor.
      said += stripVTControlCharacters(String(text))
      if (questionsIn(said).length === asked) return
      asked++
      const answer = left.shift()
      if (answer === undefined) child.stdin.end()
      else child.stdin.write(`${answer}\n`)
    })
  const [code] = await once(child, 'close')
  expect(left).toEqual([])
  return { said, code }
}

test('at a terminal it asks three questions, and Enter takes the usual answer of each', async () => {
  const { said, code } = await talk([], ['', '', ''])
  expect(code).toBe(0)
  expect(questionsIn(said)).toEqual(['my-app', '1', 'the first there is'])
  expect(said).toContain('Written to my-app.')
  expect(readFileSync(join(folder, 'my-app/app.ts'), 'utf8')).toContain('assistant()')
})

test('what a flag says is not asked, and a wrong answer is asked for again, with the reason', async () => {
  mkdirSync(join(folder, 'mine'))
  writeFileSync(join(folder, 'mine/notes.txt'), 'mine')
  const { said, code } = await talk(['--model', 'none'], ['mine', 'My Books', '', 'shop', '2'])
  expect(code).toBe(0)
  // What would do is the usual answer then.
  expect(questionsIn(said)).toEqual(['my-app', 'my-app', 'my-books', '1', '1'])
  for (const reason of ['“my-books” would do.', 'is not empty', 'There is no template “shop”.'])
    expect(said).toContain(reason)
  expect(existsSync(join(folder, 'my-books/src/index.ts'))).toBe(true)
  expect((await talk(['notes', '-t', 'single-file', '-m', 'none'], [])).said).not.toContain(') ')
})

test('whoever leaves at a question finds nothing written', async () => {
  const { said, code } = await talk(['notes'], ['1'])
  expect(code).toBe(1)
  expect(said).toContain('\nNothing was written.\n')
  expect(readdirSync(folder)).toEqual([])
})
