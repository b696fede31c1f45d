import { execPath } from 'node:process'
import { type TestApp, testApp } from '@localapp/core/testing'
import { type Pipe, PipelinePlugin, pipe } from '@localapp/pipeline'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { shell } from './index.ts'

interface Seen {
  readonly state: string
  readonly error: string
  readonly progress: { readonly note: string }
  readonly steps: readonly { readonly output: unknown }[]
}

const first = () => pipe().run('words', { title: 'Words', run: () => ['$HOME; echo "b"', 'a'] })

async function opened<Input, All>(steps: Pipe<Input, All>): Promise<TestApp> {
  const app = await testApp({ plugins: [class extends PipelinePlugin({ name: 'shelled', steps }) {}] })
  onTestFinished(() => app.close())
  await app.call('shelled.start', {})
  return app
}

async function show(app: TestApp, seconds = 20): Promise<Seen> {
  const outcome = await app.call('shelled.show', { run: 1, seconds })
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as Seen
}

/** A program of one line, in the JavaScript of this very Node. */
const node = (code: string) => () => [execPath, '-e', code] as const

const echo = `process.stdin.on('data', (data) => process.stdout.write(data))`

test('reads lines of JSON and gives lines of JSON; no shell reads its arguments', async () => {
  const app = await opened(
    first()
      .add(
        'same',
        shell<string[], unknown, string>({ title: 'Same', command: node(echo), lines: ({ input }) => input }),
      )
      .add(
        'args',
        shell({
          title: 'Arguments',
          command: ({ input }) => {
            expectTypeOf(input).toEqualTypeOf<string[]>()
            return [execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...input]
          },
        }),
      ),
  )
  const { state, steps } = await show(app)
  expect(state).toBe('done')
  expect(steps.map(({ output }) => output)).toEqual([
    ['$HOME; echo "b"', 'a'],
    ['$HOME; echo "b"', 'a'],
    [['$HOME; echo "b"', 'a']],
  ])
})

test('gives text where it is told that it is text, and runs in a folder', async () => {
  const app = await opened(
    pipe().add(
      'text',
      shell<undefined, unknown, string>({
        title: 'Text',
        output: 'text',
        cwd: () => '/',
        command: node(`console.log('{not JSON'); console.log(process.cwd())`),
      }),
    ),
  )
  expect((await show(app)).steps[0]?.output).toEqual(['{not JSON', '/'])
})

test.each([
  [
    'is not there',
    () => ['no-such-program-at-all'] as const,
    'There is no program “no-such-program-at-all” on this machine.',
  ],
  ['fails', node(`console.error('The disk is full'); process.exit(3)`), ' ended with 3: The disk is full.'],
  ['writes no JSON', node(`console.log('"fine"'); console.log('Hello')`), ' wrote is not JSON: Hello'],
  [
    'writes too much',
    node(`const more = () => process.stdout.write('x'.repeat(1e6), more); more()`),
    ' wrote more than 10,000,000 characters.',
  ],
  ['does not read', node(`process.exit(1)`), ' ended with 1.'],
])('a program that %s is a sentence', async (_what, command, sentence) => {
  const lines = () => Array.from({ length: 10_000 }, (_, i) => `line ${i} ${'x'.repeat(100)}`)
  const app = await opened(pipe().add('one', shell({ title: 'One', command, lines })))
  const { state, error } = await show(app)
  expect(state).toBe('failed')
  expect(error).toContain(sentence)
})

test('one that is not there in a folder that is not there names the folder', async () => {
  const app = await opened(
    pipe().add('one', shell({ title: 'One', command: node('1'), cwd: () => '/no/such' })),
  )
  expect((await show(app)).error).toContain('There is no folder /no/such.')
})

test('what it says shows as progress; stopped, it ends with all that it has begun', async () => {
  // The inner one does not hear the first word either.
  const inner = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.error('pid ' + process.pid)`
  const outer = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`
  const app = await opened(pipe().add('one', shell({ title: 'One', command: node(outer) })))
  await expect.poll(async () => (await show(app, 0)).progress.note, { timeout: 10_000 }).toMatch(/^pid \d+$/)
  const pid = Number((await show(app, 0)).progress.note.slice(4))
  await app.call('shelled.revert', { run: 1, step: 'one' })
  const isThere = () => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  await expect.poll(isThere, { timeout: 10_000 }).toBe(false)
}, 30_000)

test('one that never ends fails at its time', async () => {
  const command = node('setInterval(() => {}, 1000)')
  const app = await opened(pipe().add('one', shell({ title: 'One', timeout: '0.3s', command })))
  expect((await show(app)).error).toBe('It took longer than 0.3s.')
})
