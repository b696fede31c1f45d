import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../scripts/root.ts'
import { blocksOf } from './blocks.ts'
import { type Ended, ended } from './home.ts'

/** Commands of the docs that use the command line of an app, a line each, in the order of the page. */
function commandsOf(page: string): string[] {
  const lines = blocksOf(page, 'sh').flatMap(({ code }) => code.trim().split('\n'))
  return lines.filter((line) => line.includes('-s localapp'))
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(root, 'examples/home/start-'))
  const plugins = join(folder, 'plugins')
  mkdirSync(plugins)
  for (const name of ['10_todo.ts', '20_word_count.ts'])
    copyFileSync(join(root, 'examples/home/plugins', name), join(plugins, name))
  const [book, app] = blocksOf('docs/start.md', 'ts')
  const [greeting] = blocksOf('docs/pipelines.md', 'ts')
  writeFileSync(join(plugins, '30_book.ts'), book?.code ?? '')
  writeFileSync(join(plugins, '40_greeting.ts'), greeting?.code ?? '')
  writeFileSync(join(folder, 'app.ts'), app?.code ?? '')
  writeFileSync(join(folder, 'words.txt'), 'Words and more words')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs what a reader types, with the app of the docs in place of the one that comes with the repository. */
async function type(line: string, data: string): Promise<Ended> {
  const localapp = `'${execPath}' --conditions=@localapp/source app.ts --data '${join(folder, data)}'`
  const command = line.replaceAll(/npx --yes pnpm@12 -s localapp (\S+)/g, (_, name) =>
    localapp.replace('app.ts', `app.ts ${name}`),
  )
  return await ended(spawn('sh', ['-c', command], { cwd: folder }))
}

test('the commands of the first five minutes do what they say', async () => {
  const commands = commandsOf('docs/start.md')
  expect(commands).toHaveLength(4)
  const said: string[] = []
  for (const command of commands) {
    const { code, out, err } = await type(command, 'start')
    expect({ command, code, err }).toEqual({ command, code: 0, err: '' })
    said.push(out)
  }
  const [created, listed, journal, undone] = said
  expect(created).toMatch(/"title":"Emma"/)
  expect(listed).toMatch(/"author":"Jane Austen"/)
  expect(journal).toMatch(/Added “Emma”/)
  expect(undone).toMatch(/Undid: Added “Emma”/)
})

test.each(['README.md', 'docs/pipelines.md'])('the commands of %s come to their end', async (page) => {
  const commands = commandsOf(page)
  expect(commands.length).toBeGreaterThan(0)
  for (const command of commands) {
    const { code, out } = await type(command, page.replaceAll('/', '-'))
    expect({ command, code, out }).toEqual({ command, code: 0, out: expect.stringMatching(/./) })
  }
})
