import { parseJson } from '../error/error.ts'
import type { Command } from '../plugin/plugin.ts'

export const callCommand: Command = {
  name: 'call',
  usage: 'call [<action> [<json>]]',
  summary:
    'Runs an action. Without JSON it reads one JSON object a line from standard input; without an action it lists all.',
  async run({ args, lines, call, report }) {
    const [id = 'journal.actions', text = args.length === 0 ? '{}' : '-'] = args
    if (text !== '-') return report(await call(id, parse(text)))
    let worst = 0
    let count = 0
    for await (const line of lines) {
      if (line.trim() === '') continue
      count++
      worst = Math.max(worst, report(await call(id, parse(line, `Line ${count}`))))
    }
    return count === 0 ? report(await call(id, {})) : worst
  },
}

const parse = (text: string, where = 'This') =>
  parseJson(text, 'LOCALAPP_COMMAND', where, `Write it as in '{"title":"Buy milk"}'.`)
