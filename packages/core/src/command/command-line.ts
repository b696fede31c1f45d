import { resolve } from 'node:path'
import process, { stderr, stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { isLocalappError, localappError } from '../error/error.ts'
import type { Command, CommandOption } from '../plugin/plugin.ts'
import { commands } from './commands.ts'
import { type CommandOptions, connect, type OpenableApp } from './session.ts'
import { start, startOptions } from './start.ts'

const common: Readonly<Record<string, CommandOption>> = {
  data: { type: 'string', help: 'The folder of the data.' },
  yes: { type: 'boolean', help: 'You said yes: nothing waits for an approval.' },
  help: { type: 'boolean', help: 'Prints this.' },
}

/**
 * Runs one command. Data goes to standard output, words to standard error; sets `process.exitCode`.
 * No error gets past it: each is said in a sentence, with what to do.
 */
export async function runCommandLine<O extends CommandOptions>(
  argv: readonly string[],
  options: O,
  make: (options: O) => OpenableApp,
): Promise<void> {
  try {
    process.exitCode = await run(argv, options, make)
  } catch (error) {
    if (isLocalappError(error)) note(`${error.message}\n${error.fix}`)
    else note(`This failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

async function run<O extends CommandOptions>(
  argv: readonly string[],
  given: O,
  make: (options: O) => OpenableApp,
): Promise<number> {
  const [first = 'start'] = argv
  const name = first.startsWith('-') ? 'start' : first
  const rest = name === first ? argv.slice(1) : argv
  const data = dataIn(rest)
  const options = data === undefined ? given : { ...given, data: resolve(data) }
  if (name === 'help' || (first.startsWith('-') && rest.includes('--help'))) return await help(make(options))
  if (name === 'start') {
    const { values } = parse({ name, usage: 'start', summary: '', options: startOptions, run: () => 0 }, rest)
    return await start(options, make, values)
  }
  const own = commands.find((command) => command.name === name)
  if (own && rest.includes('--help')) return describe(own)
  const session = await connect(make(options), options)
  try {
    const command = own ?? (await session.commands()).find((each) => each.name === name)
    if (!command) {
      throw localappError(
        'LOCALAPP_COMMAND',
        `There is no command “${name}”.`,
        '“localapp help” lists all commands.',
      )
    }
    if (rest.includes('--help')) return describe(command)
    const { values, positionals } = parse(command, rest)
    const confirmed = command.confirmed || stdin.isTTY || values.yes === true
    const context = {
      args: positionals,
      options: values,
      lines: linesOfInput(),
      call: (id: string, input: unknown) => session.call(id, input, confirmed),
      out,
      note,
    }
    return (await command.run(context)) ?? 0
  } finally {
    await session.close()
  }
}

function parse(
  command: Command,
  args: readonly string[],
): { values: Record<string, string | boolean>; positionals: string[] } {
  try {
    const options = { ...common, ...command.options }
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: command.name !== 'start',
      strict: true,
    })
    return { values: values as Record<string, string | boolean>, positionals }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\. .*/s, '') : String(cause)
    throw localappError(
      'LOCALAPP_COMMAND',
      `${reason}.`,
      `“localapp ${command.name} --help” says what it takes.`,
      cause,
    )
  }
}

/** `--data` counts before the command is known, for it says where the app's data is. */
function dataIn(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === '--data' || arg.startsWith('--data='))
  const arg = args[at]
  if (arg === undefined) return undefined
  const value = arg.startsWith('--data=') ? arg.slice('--data='.length) : args[at + 1]
  if (value) return value
  throw localappError('LOCALAPP_COMMAND', '--data needs a folder.', 'Write it as in --data ./data.')
}

async function help(app: OpenableApp): Promise<number> {
  out('localapp: a local app and its command line\n')
  for (const { usage, summary } of [
    { usage: 'start [--port N] [--no-open]', summary: 'Serves the app. The default.' },
    ...commands,
    // Plugins of one kind bring the same command.
    ...new Set(await app.commands()),
  ]) {
    out(`  ${usage}\n      ${summary}`)
  }
  out('\nEvery command takes --data DIR, --yes and --help.')
  return 0
}

function describe(command: Command): number {
  out(`localapp ${command.usage}\n${command.summary}`)
  for (const [name, { help: words }] of Object.entries({ ...command.options, ...common }))
    out(`  --${name}  ${words}`)
  return 0
}

function linesOfInput(): AsyncIterable<string> {
  return stdin.isTTY
    ? (async function* () {})()
    : createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
}

function out(line: string): void {
  stdout.write(`${line}\n`)
}

function note(line: string): void {
  stderr.write(`${line}\n`)
}
