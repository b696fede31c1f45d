import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Outcome } from '../action/action.ts'
import { isLocalappError, localappError, report } from '../error/error.ts'
import { findPlugins } from '../plugin/find.ts'
import type { Command, CommandContext, CommandOption } from '../plugin/plugin.ts'
import type { OwnApp } from './app.ts'
import { callCommand, startCommand } from './commands.ts'
import { connect } from './session.ts'

const { stderr, stdin, stdout } = process
// Thrown, this would be reported there again, and so on for ever.
stderr.on('error', () => {})

const common: Readonly<Record<string, CommandOption>> = {
  data: { type: 'string', help: 'The folder of the data.' },
  yes: { type: 'boolean', help: 'You said yes: nothing waits for an approval.' },
  help: { type: 'boolean', help: 'Prints this.' },
}

/**
 * Runs one command of an app. Data goes to standard output, words to
 * standard error; sets `process.exitCode`. No error gets past it: each is said in a sentence, with what to do.
 */
export async function runCommandLine(argv: readonly string[], app: OwnApp) {
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
    process.exitCode = (await command.run(context)) ?? 0
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

async function understand(argv: readonly string[], app: OwnApp) {
  const [first = '-', ...rest] = argv
  const isNamed = !first.startsWith('-')
  const name = isNamed ? first : 'start'
  const command = await commandNamed(name, app)
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
    return { command: helpCommand(app), args: isNamed ? [name] : [], options }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\. .*/s, '') : String(cause)
    const fix = `“localapp ${name} --help” says what it takes.`
    throw localappError('LOCALAPP_COMMAND', `${reason}.`, fix, cause)
  }
}

async function commandNamed(name: string, app: OwnApp) {
  for await (const command of commandsOf(app)) if (command.name === name) return command
  const fix = '“localapp help” lists all commands; “localapp start” says which plugins have failed.'
  throw localappError('LOCALAPP_COMMAND', `There is no command “${name}”.`, fix)
}

const helpCommand = (app: OwnApp): Command => ({
  name: 'help',
  usage: 'help [<command>]',
  summary: 'Says what a command takes, or lists all.',
  async run({ args: [name] }) {
    // Plugins of one kind bring the same command.
    const listed = new Set<Command>()
    for await (const command of commandsOf(app)) {
      if (listed.has(command) || (name !== undefined && command.name !== name)) continue
      listed.add(command)
      out(`localapp ${command.usage}\n    ${command.summary}`)
      for (const option in command.options) out(`    --${option}  ${command.options[option]?.help}`)
    }
    out('Every command takes:')
    for (const option in common) out(`    --${option}  ${common[option]?.help}`)
    return 0
  },
})

/** A promise of a plugin that nobody awaits, or a throw in its timer, must not end the app. */
function sayStray(error: unknown, { plugins }: OwnApp) {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const plugin = plugins().find(({ file }) => file !== undefined && stack.includes(file))
  const who = plugin ? `“${plugin.name}”` : 'Something'
  report(`${who} failed outside of any request; the app goes on.`, error)
}

/** The app's own commands, then those of its plugins, each loaded when it is asked for; nothing of it is set up. */
async function* commandsOf(app: OwnApp): AsyncGenerator<Command> {
  yield* [startCommand(app), callCommand, helpCommand(app)]
  for (const { load } of findPlugins(app.options.plugins, app.options.root)) {
    try {
      yield* (await load()).commands ?? []
    } catch {
      // The app itself reports a plugin that fails; the others still bring their commands.
    }
  }
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
