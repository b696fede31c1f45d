import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../scripts/root.ts'
import { blocksOf, pages } from './blocks.ts'

/** What the docs show as a whole file, but for plugins, which run in tests/docs.test.ts, and modules for a browser. */
const programs = pages.flatMap((page) => [
  ...blocksOf(page, 'ts')
    .filter(({ code }) => !/^export default class/m.test(code))
    .map((block) => ({ ...block, file: 'app.ts' })),
  ...blocksOf(page, 'js')
    .filter(({ code }) => code.includes('require('))
    .map((block) => ({ ...block, file: 'app.cjs' })),
])

/** What a program says that it prints: the comments after `console.log(…)`. */
const promisedBy = (code: string): string[] =>
  Array.from(code.matchAll(/^console\.log\(.*\) \/\/ (.+)$/gm), ([, printed = '']) => printed)

/** Opens the address that an app prints, as a browser does. */
async function openFirstPage(address: string): Promise<number> {
  const { headers } = await fetch(address, { redirect: 'manual' })
  const [cookie = ''] = headers.getSetCookie()
  return (await fetch(new URL(headers.get('location') ?? '', address), { headers: { cookie } })).status
}

test.each(programs)(
  'the program of $name runs, and prints what it says',
  { timeout: 60_000 },
  async ({ code, file }) => {
    // From here the packages are found as an app of a user's finds them.
    const folder = mkdtempSync(join(root, 'examples/home/program-'))
    onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }))
    mkdirSync(join(folder, 'plugins'))
    copyFileSync(join(root, 'examples/home/plugins/10_todo.ts'), join(folder, 'plugins/10_todo.ts'))
    // A program that embeds an app reads no options; here it wants a port of its own.
    const own = code.includes('.serve()') ? code.replace('plugins: [Todo]', '$&, port: 0') : code
    writeFileSync(join(folder, file), own)
    const options = ['--no-open', '--port', '0', '--data', join(folder, 'data')]
    const child = spawn(execPath, ['--conditions=@localapp/source', join(folder, file), ...options])
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    const said = text(child.stderr)
    const printed: string[] = []
    const isServer = /\.(run|serve)\(\)/.test(code)
    for await (const line of createInterface(child.stdout)) {
      printed.push(line)
      if (!line.startsWith('http://')) continue
      expect(await openFirstPage(line)).toBe(200)
      child.kill()
    }
    expect({ ended: await ended, said: await said }).toEqual({
      ended: [0, null],
      said: expect.not.stringMatching(/fail|error/i),
    })
    const promised = promisedBy(code)
    expect(printed.slice(0, promised.length)).toEqual(promised)
    expect(printed.some((line) => line.startsWith('http://'))).toBe(isServer)
  },
)
