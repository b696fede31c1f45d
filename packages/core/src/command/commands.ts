import type { Outcome } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import type { Command, CommandContext } from '../plugin/plugin.ts'
import type { CommandedApp } from './session.ts'

/** A command of the framework's own, which may hold the app itself. */
export interface OwnCommand extends Omit<Command, 'run'> {
  run(context: CommandContext, app: CommandedApp): ReturnType<Command['run']>
}

/** Says what became of a call, on the right stream, and returns the exit code: 0 done, 1 failed, 2 invalid, 3 waits. */
function report(
  outcome: Outcome,
  { out, note }: CommandContext,
  print = (output: unknown) => out(JSON.stringify(output ?? null)),
): number {
  switch (outcome.status) {
    case 'done':
      print(outcome.output)
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

/** Prints what was listed as JSON lines. */
function reportEach(outcome: Outcome, context: CommandContext): number {
  return report(outcome, context, (output) => {
    for (const each of output as unknown[]) context.out(JSON.stringify(each))
  })
}

const call: Command = {
  name: 'call',
  usage: 'call [<action> [<json>]]',
  summary:
    'Runs an action. Without JSON it reads one JSON object a line from standard input; without an action it lists all.',
  async run(context) {
    const [id, text] = context.args
    if (id === undefined) return reportEach(await context.call('journal.actions', {}), context)
    if (text !== undefined && text !== '-') return report(await context.call(id, parse(text)), context)
    let worst = 0
    let lines = 0
    for await (const line of context.lines) {
      if (line.trim() === '') continue
      lines++
      worst = Math.max(worst, report(await context.call(id, parse(line, `Line ${lines}`)), context))
    }
    return lines === 0 && text === undefined ? report(await context.call(id, {}), context) : worst
  },
}

const journal: Command = {
  name: 'journal',
  usage: 'journal [--limit N]',
  summary: 'Prints who did what and when, newest first, as JSON lines.',
  options: { limit: { type: 'string', help: 'How many lines. Default 20.' } },
  run: async (context) =>
    reportEach(await context.call('journal.list', { limit: Number(context.options.limit ?? 20) }), context),
}

const undo: Command = {
  name: 'undo',
  usage: 'undo <entry>',
  summary: 'Takes one entry of the journal back.',
  run: async (context) =>
    report(await context.call('journal.undo', { entry: Number(context.args[0]) }), context),
}

const plugins: Command = {
  name: 'plugins',
  usage: 'plugins',
  summary: 'Prints the plugins and what became of them, as JSON lines. Fails where one of them has failed.',
  async run(context) {
    const outcome = await context.call('journal.plugins', {})
    const code = reportEach(outcome, context)
    const listed = outcome.status === 'done' ? (outcome.output as { state: string }[]) : []
    return listed.every(({ state }) => state === 'loaded') ? code : 1
  },
}

/** The commands that call actions and every app has; plugins bring more. */
export const commands: readonly Command[] = [call, journal, undo, plugins]

function parse(text: string, where = 'This'): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const what = `${where} is not JSON: ${cause instanceof Error ? cause.message : cause}.`
    throw localappError('LOCALAPP_COMMAND', what, `Write it as in '{"title":"Buy milk"}'.`, cause)
  }
}
