import type { Action, Outcome } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { localappError } from '../error/error.ts'
import type { Command, CommandContext } from '../plugin/plugin.ts'

/** Exit codes of the command line. */
export const exitCodes = { ok: 0, failed: 1, invalid: 2, approval: 3 } as const

/** Says what became of a call, on the right stream, and returns the exit code. */
export function report(outcome: Outcome, { out, note }: Pick<CommandContext, 'out' | 'note'>): number {
  switch (outcome.status) {
    case 'done':
      out(JSON.stringify(outcome.output ?? null))
      return exitCodes.ok
    case 'invalid':
      for (const [name, message] of Object.entries(outcome.messages))
        note(`${name === '' ? '' : `${name}: `}${message}`)
      return exitCodes.invalid
    case 'approval':
      note(`${outcome.title}: waits for your approval on the page. Add --yes to do it at once.`)
      return exitCodes.approval
    case 'failed':
      note(`${outcome.error.message} ${outcome.error.fix}`)
      return exitCodes.failed
  }
}

const call: Command = {
  name: 'call',
  usage: 'call [<action> [<json>]]',
  summary:
    'Runs an action. Without JSON it reads one JSON object a line from standard input; without an action it lists all.',
  async run(context) {
    const [id, text] = context.args
    if (id === undefined) {
      const outcome = await context.call('journal.actions', {})
      if (outcome.status !== 'done') return report(outcome, context)
      for (const action of outcome.output as Pick<Action, 'id' | 'effect' | 'title'>[])
        context.out(JSON.stringify(action))
      return exitCodes.ok
    }
    if (text !== undefined && text !== '-') return report(await context.call(id, parse(text)), context)
    let worst = 0
    let lines = 0
    for await (const line of context.lines) {
      if (line.trim() === '') continue
      lines++
      worst = Math.max(worst, report(await context.call(id, parse(line, lines)), context))
    }
    return lines === 0 && text === undefined ? report(await context.call(id, {}), context) : worst
  },
}

const journal: Command = {
  name: 'journal',
  usage: 'journal [--limit N]',
  summary: 'Prints who did what and when, newest first, as JSON lines.',
  options: { limit: { type: 'string', help: 'How many lines. Default 20.' } },
  async run(context) {
    const outcome = await context.call('journal.list', { limit: Number(context.options.limit ?? 20) })
    if (outcome.status !== 'done') return report(outcome, context)
    for (const entry of outcome.output as JournalEntry[]) context.out(JSON.stringify(entry))
    return exitCodes.ok
  },
}

const undo: Command = {
  name: 'undo',
  usage: 'undo <entry>',
  summary: 'Takes one entry of the journal back.',
  async run(context) {
    return report(
      await context.call('journal.undo', { entry: Number(context.args[0] ?? Number.NaN) }),
      context,
    )
  },
}

const plugins: Command = {
  name: 'plugins',
  usage: 'plugins',
  summary: 'Prints the plugins and what became of them, as JSON lines.',
  async run(context) {
    const outcome = await context.call('journal.plugins', {})
    if (outcome.status !== 'done') return report(outcome, context)
    for (const plugin of outcome.output as { state: string }[]) context.out(JSON.stringify(plugin))
    return (outcome.output as { state: string }[]).every(({ state }) => state === 'loaded')
      ? exitCodes.ok
      : exitCodes.failed
  },
}

/** The commands that call actions and every app has; plugins contribute more. */
export const commands: readonly Command[] = [call, journal, undo, plugins]

function parse(text: string, line?: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const where = line === undefined ? 'This' : `Line ${line}`
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw localappError(
      'LOCALAPP_COMMAND',
      `${where} is not JSON: ${reason}.`,
      `Write it as in '{"title":"Buy milk"}'.`,
      cause,
    )
  }
}
