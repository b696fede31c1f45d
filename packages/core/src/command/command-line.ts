import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { isLocalappError, localappError } from '../error/error.ts'
import { findPlugins } from '../plugin/find.ts'
import { placeOf } from '../plugin/place.ts'
import type { Command, CommandContext, CommandOption } from '../plugin/plugin.ts'
import { commands, type OwnCommand } from './commands.ts'
import { type CommandedApp, connect } from './session.ts'
import { start } from './start.ts'

const { stderr, stdin, stdout } = process
type Values = CommandContext['options']

const ownCommands: readonly OwnCommand[] = [start, ...commands]

const common: Readonly<Record<string, CommandOption>> = {
  data: { type: 'string', help: 'The folder of the data.' },
  yes: { type: 'boolean', help: 'You said yes: nothing waits for an approval.' },
  help: { type: 'boolean', help: 'Prints this.' },
}

/**
 * Runs one command of an app; `make` makes it with another data folder. Data goes to standard output, words to
 * standard error; sets `process.exitCode`. No error gets past it: each is said in a sentence, with what to do.
 */
export async function runCommandLine(
  argv: readonly string[],
  make: (data?: string) => CommandedApp,
): Promise<void> {
  try {
    process.exitCode = await run(argv, make)
  } catch (error) {
    if (isLocalappError(error)) note(`${error.message}\n${error.fix}`)
    else note(`This failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

async function run(argv: readonly string[], make: (data?: string) => CommandedApp): Promise<number> {
  const [first = 'start'] = argv
  const app = make()
  if (first === 'help' || first === '--help') return await help(app)
  const name = first.startsWith('-') ? 'start' : first
  const command =
    ownCommands.find((each) => each.name === name) ??
    (await pluginCommands(app)).find((each) => each.name === name)
  if (!command) {
    const fix = '“localapp help” lists all commands, and “localapp plugins” says which plugins have failed.'
    throw localappError('LOCALAPP_COMMAND', `There is no command “${name}”.`, fix)
  }
  const { values, positionals } = parse(command, name === first ? argv.slice(1) : argv)
  if (values.help) return describe(command)
  return await runOn(values.data ? make(resolve(String(values.data))) : app, command, positionals, values)
}

async function runOn(
  app: CommandedApp,
  command: OwnCommand,
  args: readonly string[],
  options: Values,
): Promise<number> {
  const confirmed = command.confirmed || stdin.isTTY || options.yes === true
  let connection: ReturnType<typeof connect> | undefined
  const call: CommandContext['call'] = async (id, input) => {
    connection ??= connect(app, confirmed)
    return await (await connection)(id, input)
  }
  const stray = (error: unknown): void => sayStray(error, app)
  process.on('uncaughtException', stray)
  // Whoever read this has seen enough, as `head` has.
  const leave = (): never => process.exit()
  stdout.once('error', leave)
  try {
    return (await command.run({ args, options, lines: linesOfInput(), call, out, note }, app)) ?? 0
  } finally {
    await app.close()
    stdout.off('error', leave)
    process.off('uncaughtException', stray)
  }
}

/** A promise of a plugin that nobody awaits, or a throw in its timer, must not end the app. */
function sayStray(error: unknown, { plugins }: CommandedApp): void {
  const stack = String(error instanceof Error ? error.stack : error)
  const plugin = plugins.find(({ file }) => file !== undefined && stack.includes(file))
  const where = plugin ? `“${plugin.name}” failed at ${placeOf(error, plugin.file)}` : 'Something failed'
  note(`${where}, outside of any request. The app goes on. ${stack}`)
}

/** What plugins bring to the command line; nothing of them is set up for it. */
async function pluginCommands({ options }: CommandedApp): Promise<Command[]> {
  const found: Command[] = []
  for (const { load } of findPlugins(options.plugins, options.root)) {
    try {
      found.push(...((await load()).commands ?? []))
    } catch {
      // The app itself reports a plugin that fails; the others still bring their commands.
    }
  }
  return found
}

function parse(
  { name, options }: OwnCommand,
  args: readonly string[],
): { values: Values; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, ...common },
      allowPositionals: name !== 'start',
    }) as { values: Values; positionals: string[] }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\. .*/s, '') : String(cause)
    const fix = `“localapp ${name} --help” says what it takes.`
    throw localappError('LOCALAPP_COMMAND', `${reason}.`, fix, cause)
  }
}

async function help(app: CommandedApp): Promise<number> {
  out('localapp: a local app and its command line\n')
  for (const { usage, summary } of new Set([...ownCommands, ...(await pluginCommands(app))]))
    out(`  ${usage}\n      ${summary}`)
  out('\nEvery command takes --data DIR, --yes and --help.')
  return 0
}

function describe({ usage, summary, options }: OwnCommand): number {
  out(`localapp ${usage}\n${summary}`)
  for (const [name, option] of Object.entries({ ...options, ...common })) out(`  --${name}  ${option.help}`)
  return 0
}

/** Standard input is touched only once somebody reads it, for an open pipe keeps the process. */
async function* linesOfInput(): AsyncGenerator<string> {
  if (!stdin.isTTY) yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
}

function out(line: string): void {
  stdout.write(`${line}\n`)
}

function note(line: string): void {
  stderr.write(`${line}\n`)
}
