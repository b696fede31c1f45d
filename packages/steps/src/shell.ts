import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { localappError } from '@localapp/core'
import type { Given, Step } from '@localapp/pipeline'

/** What {@link shell} takes beside what every step does. */
export interface ShellOptions<Input, All, Line>
  extends Pick<Step<Input, All, Line[]>, 'title' | 'help' | 'retries' | 'timeout' | 'show'> {
  /** The program and its arguments, each as the program gets it: no shell reads them. */
  readonly command: (given: Given<Input, All>) => readonly [program: string, ...args: string[]]
  /** What the program reads, as a line of JSON each. Default: nothing. */
  readonly lines?: (given: Given<Input, All>) => Iterable<unknown>
  /** What the program writes: `json`, a value a line, or `text`. Default `json`. */
  readonly output?: Line extends string ? 'json' | 'text' : 'json'
  /** The folder that it runs in. Default: that of the app's process. */
  readonly cwd?: (given: Given<Input, All>) => string
}

/** What a program may write, in characters; more belongs in a file. */
const limit = 10_000_000

/** How long a program may take to end once it is told to, in milliseconds. */
const grace = 2_000

/**
 * A program of the user's machine as a step: it reads lines of JSON and gives the lines that it writes; what it says on
 * standard error shows as progress. It is not begun again by itself after a restart, since nobody knows how far it came.
 *
 * @example
 * ```ts
 * import { PipelinePlugin, pipe, t } from '@localapp/pipeline'
 * import { shell } from '@localapp/steps'
 *
 * export default class Sorted extends PipelinePlugin({
 *   name: 'sorted',
 *   steps: pipe()
 *     .ask('words', { title: 'Which words?', fields: { words: t.list(t.text()) } })
 *     .add('sorted', shell<{ words: string[] }, unknown, string>({
 *       title: 'Sort them',
 *       command: () => ['sort'],
 *       lines: ({ input }) => input.words,
 *     })),
 * }) {}
 * ```
 */
export function shell<Input, All, Line = unknown>(
  options: ShellOptions<Input, All, Line>,
): Step<Input, All, Line[]> {
  const { command, lines, output = 'json', cwd, ...step } = options
  return {
    ...step,
    resumes: false,
    async run(work) {
      const { signal, progress } = work
      const [program, ...args] = command(work)
      const folder = cwd?.(work) ?? '.'
      if (!(await stat(folder).catch(() => undefined))?.isDirectory())
        throw localappError(
          'LOCALAPP_NOT_FOUND',
          `There is no folder ${folder}.`,
          'Make it, or name another.',
        )
      // A group of its own, so that what it has begun ends with it.
      const child = spawn(program, args, { cwd: folder, detached: process.platform !== 'win32' })
      const kill = (how: NodeJS.Signals) => {
        try {
          if (child.pid) process.kill(process.platform === 'win32' ? child.pid : -child.pid, how)
        } catch {
          // It has ended.
        }
      }
      let forced: NodeJS.Timeout | undefined
      const stop = () => {
        kill('SIGTERM')
        forced = setTimeout(kill, grace, 'SIGKILL')
      }
      signal.addEventListener('abort', stop)
      try {
        const ended = once(child, 'close')
        // It is awaited later; a program that is not there fails before.
        ended.catch(() => undefined)
        let last = ''
        createInterface({ input: child.stderr }).on('line', (line) => {
          last = line || last
          progress(0, 0, line)
        })
        const texts = Array.from(lines?.(work) ?? [], (line) => `${JSON.stringify(line)}\n`)
        // One that does not read to the end closes its input, which is its good right.
        const written = pipeline(Readable.from(texts), child.stdin).catch(() => undefined)
        let text = ''
        for await (const chunk of child.stdout.setEncoding('utf8')) {
          text += chunk
          if (text.length > limit) throw tooMuch(program)
        }
        const [code, killedBy] = await ended
        await written
        if (code !== 0) throw failed(program, killedBy ?? code, last)
        const found = text.match(/[^\r\n]+/g) ?? []
        return (output === 'text' ? found : found.map((line, i) => parsed(line, program, i + 1))) as Line[]
      } catch (thrown) {
        throw Object(thrown).code === 'ENOENT' ? missing(program, thrown) : thrown
      } finally {
        signal.removeEventListener('abort', stop)
        if (child.exitCode === null && !signal.aborted) stop()
        if (child.exitCode !== null) clearTimeout(forced)
      }
    },
  }
}

function parsed(line: string, program: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    const what = `Line ${number} that “${program}” wrote is not JSON: ${line.slice(0, 100)}`
    throw localappError(
      'LOCALAPP_ACTION_FAILED',
      what,
      "For plain text, give the step output: 'text'.",
      error,
    )
  }
}

const tooMuch = (program: string) =>
  localappError(
    'LOCALAPP_ACTION_FAILED',
    `“${program}” wrote more than ${limit.toLocaleString('en')} characters.`,
    'Let it write to a file, and give its name.',
  )

const failed = (program: string, code: unknown, last: string) =>
  localappError(
    'LOCALAPP_ACTION_FAILED',
    `“${program}” ended with ${code}${last && `: ${last}`}.`,
    'See what it has done, and retry.',
  )

const missing = (program: string, cause: unknown) =>
  localappError(
    'LOCALAPP_NOT_FOUND',
    `There is no program “${program}” on this machine.`,
    'Install it, or name it by its whole path.',
    cause,
  )
