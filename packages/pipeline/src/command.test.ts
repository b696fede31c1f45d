import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../core/src/app/bin.ts', import.meta.url))
const pipeline = (name: string): string => `
import { PipelinePlugin, pipe, t } from '${new URL('index.ts', import.meta.url).href}'

export default class extends PipelinePlugin({
  name: '${name}',
  steps: pipe()
    .ask('who', { title: 'Who?', fields: { name: t.text({ max: 10 }) } })
    .run('greet', {
      title: 'Greet',
      timeout: '2.5s',
      run: async ({ input, progress }) => {
        if (input.name === 'Nobody') throw new Error('There is nobody to greet.')
        progress(1, 2, 'half')
        if (input.name === 'Crash') process.kill(process.pid, 'SIGKILL')
        if (input.name === 'Never') await new Promise(() => {})
        if (input.name === 'Slow') await new Promise((resolve) => setTimeout(resolve, 1200))
        return { words: 'Hello ' + input.name }
      },
    })
    .approve('right', { title: 'Right?', show: ({ input }) => input.words }),
}) {}
`

let folder: string
const running = new Set<ChildProcess>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localapp-run-'))
  mkdirSync(join(folder, 'plugins'))
  for (const name of ['greeting', 'other'])
    writeFileSync(join(folder, 'plugins', `${name}.mjs`), pipeline(name))
})
afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
})

/** Runs the command line as a pipe does: another process, without a terminal. */
function localapp(...args: string[]): ChildProcess {
  const child = spawn(execPath, ['--conditions=@localapp/source', bin, ...args], { cwd: folder })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function ended(
  child: ChildProcess,
  ...lines: string[]
): Promise<{ code: number; out: string; err: string }> {
  child.stdin?.end(lines.join('\n'))
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('The child has no streams.')
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(stdout), text(stderr)])
  return { code, out, err }
}

const run = (...lines: string[]) => ended(localapp('run', 'greeting', '--json'), ...lines)

test('a run in a pipe owns the data for its moment: answers in, outputs out, progress beside', async () => {
  const { code, out, err } = await run('{"name":"Slow"}', 'true')
  expect(out).toBe('{"name":"Slow"}\n{"words":"Hello Slow"}\n{"words":"Hello Slow"}\n')
  expect(code).toBe(0)
  expect(err).toMatch(/^(Greet: 1 of 2 half\n)+$/)
  const plain = await ended(localapp('run', 'other'), '{"name":"Bob"}', '{}')
  expect(plain).toEqual({ code: 0, out: '✓ Who?\n✓ Greet\n✓ Right?\n', err: '' })
})

test.each([
  ['an answer that is refused', ['{"name":"much too long"}'], 2, 'name: Name is too long', ''],
  ['a field that there is not', ['{"nam":"Bob"}'], 2, 'nam: There is no field “nam”.', ''],
  ['a line that is no JSON', ['Bob'], 2, '“Who?” takes a JSON object, or true, and got: Bob', ''],
  [
    'an answer for an approval',
    ['{"name":"Bob"}', '{"name":"Bob"}'],
    2,
    'name: There is no field “name”.',
    'Hello',
  ],
  ['a step that fails', ['{"name":"Nobody"}'], 1, '“Greet” failed: There is nobody to greet.', ''],
  ['a step that does not end', ['{"name":"Never"}'], 1, '“Greet” failed: It took longer than 2.5s.', ''],
  ['an input that ends', ['{"name":"Bob"}'], 3, '“Right?” waits, and the input has ended.', 'Hello'],
])('%s: a sentence, an exit code, and where the run goes on', async (_what, lines, code, words, gave) => {
  const result = await run(...lines)
  expect(result.code).toBe(code)
  expect(result.err).toContain(words)
  expect(result.err).toContain('The run goes on at /greeting/1 in the app.')
  expect(result.out).toContain(gave)
})

test('one command for all pipelines, and a pipeline that there is not', async () => {
  const help = await ended(localapp('help'))
  expect(help.out.match(/run <pipeline>/g)).toHaveLength(1)
  const { code, err } = await ended(localapp('run', 'nothing'))
  expect([code, err]).toEqual([
    1,
    'There is no action “nothing.start”.\n“localapp call” lists all actions.\n',
  ])
})

test('beside a server the run is the server’s, and its page goes on with it', async () => {
  const server = localapp('start', '--no-open', '--port', '0')
  const [printed] = await once(server.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const url = String(printed).trim()
  const entered = await fetch(url, { redirect: 'manual' })
  const cookie = String(entered.headers.get('set-cookie')).split(';')[0] ?? ''
  expect(await run('{"name":"Bob"}')).toMatchObject({ code: 3 })
  const page = await fetch(new URL('/greeting/1', url), { headers: { cookie } })
  expect(await page.text()).toContain('Hello Bob')
  expect(await run('{"name":"Ann"}', 'true')).toMatchObject({ code: 0, err: '' })
  const list = await fetch(new URL('/greeting', url), { headers: { cookie } })
  expect(await list.text()).toMatch(/Greeting 2<.*>done<.*Greeting 1<.*>waiting</)
})

test('what a killed server leaves behind is begun again by the next process that owns the data', async () => {
  const server = localapp('start', '--no-open', '--port', '0')
  await once(server.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  await ended(localapp('call', 'greeting.start', '{}'))
  const answered = await ended(localapp('call', 'greeting.answer-who', '{"run":1,"name":"Never"}', '--yes'))
  expect(JSON.parse(answered.out)).toMatchObject({ state: 'running', step: 'greet' })
  server.kill('SIGKILL')
  await once(server, 'exit')
  const resumed = await ended(localapp('call', 'greeting.show', '{"run":1,"seconds":20}'))
  expect(JSON.parse(resumed.out)).toMatchObject({ state: 'failed', error: 'It took longer than 2.5s.' })
})

test('a step that ends the app is begun again once, and then waits for Retry', async () => {
  await ended(localapp('call', 'greeting.start', '{}'))
  const show = () => ended(localapp('call', 'greeting.show', '{"run":1,"seconds":1}'))
  const answered = localapp('call', 'greeting.answer-who', '{"run":1,"name":"Crash"}', '--yes')
  expect(await ended(answered)).toMatchObject({ code: null })
  expect(await show()).toMatchObject({ code: null })
  for (let times = 0; times < 2; times++) {
    const { code, out } = await show()
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      state: 'failed',
      step: 'greet',
      error: 'The app ended in the middle of this. See what it has done, and retry.',
    })
  }
  expect(await ended(localapp('call', 'greeting.retry', '{"run":1}', '--yes'))).toMatchObject({ code: null })
  expect(await show()).toMatchObject({ code: null })
  expect(JSON.parse((await show()).out)).toMatchObject({ state: 'failed' })
})
