import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Outcome } from '../action/action.ts'
import { isLocalappError, localappError, report } from '../error/error.ts'
import { findPlugins } from '../plugin/find.ts'
import type { Command, CommandContext, CommandOption } from '../plugin/plugin.ts'
import { callCommand } from './call.ts'
import { type CommandedApp, connect, type OwnCommand } from './session.ts'
import { start } from './start.ts'

const { stderr, stdin, stdout } = process

const common: Readonly<Record<string, CommandOption>> = {
  data: { type: 'string', help: 'The folder of the data.' },
  yes: { type: 'boolean', help: 'You said yes: nothing waits for an approval.' },
  help: { type: 'boolean', help: 'Prints this.' },
}

/**
 * Runs one command of an app. Data goes to standard output, words to
 * standard error; sets `process.exitCode`. No error gets past it: each is said in a sentence, with what to do.
 */
export async function runCommandLine(argv: readonly string[], app: CommandedApp) {
  const stray = (error: unknown) => sayStray(error, app)
  process.on('uncaughtException', stray)
  // Whoever read this has seen enough, as `head` has.
  const leave = (): never => process.exit()
  stdout.once('error', leave)
  try {
    const { command, args, options } = await understand(argv, app)
    if (options.data) app.options.data = resolve(String(options.data))
    const call = connect(app, command.confirmed || stdin.isTTY || options.yes === true)
    const context = { args, options, lines: linesOfInput(), call, out, note, report: tell }
    process.exitCode = (await command.run(context, app)) ?? 0
  } catch (error) {
    if (isLocalappError(error)) note(`${error.message}\n${error.fix}`)
    else note(`This failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  } finally {
    await app.close()
    stdout.off('error', leave)
    process.off('uncaughtException', stray)
  }
}

async function understand(
  argv: readonly string[],
  app: CommandedApp,
): Promise<Pick<CommandContext, 'args' | 'options'> & { command: OwnCommand }> {
  const [first = '-', ...rest] = argv
  const isNamed = !first.startsWith('-')
  const name = isNamed ? first : 'start'
  const own = [start, callCommand, help]
  const command =
    own.find((each) => each.name === name) ?? (await pluginCommands(app)).find((each) => each.name === name)
  if (!command) {
    const fix = '“localapp help” lists all commands; “localapp start” says which plugins have failed.'
    throw localappError('LOCALAPP_COMMAND', `There is no command “${name}”.`, fix)
  }
  try {
    const { values, positionals } = parseArgs({
      args: [...(isNamed ? rest : argv)],
      options: { ...command.options, ...common },
      allowPositionals: true,
    })
    const surplus = positionals[command.usage.match(/<\w+>/g)?.length ?? 0]
    if (surplus !== undefined) throw new Error(`“${surplus}” is one argument too many`)
    if (values.data === '') throw new Error('--data needs a folder')
    const options = values as CommandContext['options']
    if (!options.help) return { command, args: positionals, options }
    return { command: help, args: isNamed ? [name] : [], options }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\. .*/s, '') : String(cause)
    const fix = `“localapp ${name} --help” says what it takes.`
    throw localappError('LOCALAPP_COMMAND', `${reason}.`, fix, cause)
  }
}

const help: OwnCommand = {
  name: 'help',
  usage: 'help [<command>]',
  summary: 'Says what a command takes, or lists all.',
  async run({ args: [name] }, app) {
    // Plugins of one kind bring the same command.
    const all = new Set([start, callCommand, help, ...(await pluginCommands(app))])
    for (const command of all) {
      if (name !== undefined && command.name !== name) continue
      out(`localapp ${command.usage}\n    ${command.summary}`)
      for (const option in command.options) out(`    --${option}  ${command.options[option]?.help}`)
    }
    out('Every command takes:')
    for (const option in common) out(`    --${option}  ${common[option]?.help}`)
    return 0
  },
}

/** A promise of a plugin that nobody awaits, or a throw in its timer, must not end the app. */
function sayStray(error: unknown, { plugins }: CommandedApp) {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const plugin = plugins().find(({ file }) => file !== undefined && stack.includes(file))
  const who = plugin ? `“${plugin.name}”` : 'Something'
  report(`${who} failed outside of any request; the app goes on.`, error)
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

/** Standard input is touched only once somebody reads it, for an open pipe keeps the process. */
async function* linesOfInput(): AsyncGenerator<string> {
  if (!stdin.isTTY) yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
}

function tell(outcome: Outcome) {
  switch (outcome.status) {
    case 'done':
      for (const each of [outcome.output ?? null].flat()) out(JSON.stringify(each))
      return 0
    case 'failed':
      note(`${outcome.error.message} ${outcome.error.fix}`)
      return 1
    case 'invalid':
      for (const [name, message] of Object.entries(outcome.messages))
        note(name ? `${name}: ${message}` : message)
      return 2
    case 'approval':
      note(`${outcome.title}: waits for your approval on the page. Add --yes to do it at once.`)
      return 3
  }
}

function out(line: string) {
  stdout.write(`${line}\n`)
}

function note(line: string) {
  stderr.write(`${line}\n`)
}
