import type { Outcome } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import type { Command, CommandContext } from '../plugin/plugin.ts'
import type { CommandedApp } from './session.ts'

export interface OwnCommand extends Omit<Command, 'run'> {
  run(context: CommandContext, app: CommandedApp): ReturnType<Command['run']>
}

/** Says what became of a call, a list as a line for each; returns the exit code: 0 done, 1 failed, 2 invalid, 3 waits. */
function report(outcome: Outcome, { out, note }: CommandContext): number {
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

const call: Command = {
  name: 'call',
  usage: 'call [<action> [<json>]]',
  summary:
    'Runs an action. Without JSON it reads one JSON object a line from standard input; without an action it lists all.',
  async run(context) {
    const [id = 'journal.actions', text = context.args.length === 0 ? '{}' : '-'] = context.args
    if (text !== '-') return report(await context.call(id, parse(text)), context)
    let worst = 0
    let lines = 0
    for await (const line of context.lines) {
      if (line.trim() === '') continue
      lines++
      worst = Math.max(worst, report(await context.call(id, parse(line, `Line ${lines}`)), context))
    }
    return lines === 0 ? report(await context.call(id, {}), context) : worst
  },
}

const journal: Command = {
  name: 'journal',
  usage: 'journal [--limit N]',
  summary: 'Prints who did what and when, newest first, as JSON lines.',
  options: { limit: { type: 'string', help: 'How many lines. Default 20.' } },
  async run(context) {
    const limit = Number(context.options.limit ?? 20)
    return report(await context.call('journal.list', { limit }), context)
  },
}

const undo: Command = {
  name: 'undo',
  usage: 'undo <entry>',
  summary: 'Takes one entry of the journal back.',
  async run(context) {
    const entry = Number(context.args[0])
    return report(await context.call('journal.undo', { entry }), context)
  },
}

const plugins: Command = {
  name: 'plugins',
  usage: 'plugins',
  summary: 'Prints the plugins and what became of them, as JSON lines. Fails where one of them has failed.',
  async run(context) {
    const outcome = await context.call('journal.plugins', {})
    const code = report(outcome, context)
    const listed = outcome.status === 'done' ? (outcome.output as { state: string }[]) : []
    return listed.every(({ state }) => state === 'loaded') ? code : 1
  },
}

export const commands: readonly Command[] = [call, journal, undo, plugins]

function parse(text: string, where = 'This'): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const what = `${where} is not JSON: ${cause instanceof Error ? cause.message : cause}.`
    throw localappError('LOCALAPP_COMMAND', what, `Write it as in '{"title":"Buy milk"}'.`, cause)
  }
}
