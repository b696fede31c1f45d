import type { TurnWork } from './loop.ts'
import { resultOf } from './turn.ts'

/** Reads a command such as `/todo.create title="Buy milk" done=true`; a text says what is wrong with it. */
export function parseSlash(text: string) {
  const [start, id] = /^\/([\w-]+\.[\w-]+)(?=\s|$)/.exec(text) ?? []
  if (start === undefined || id === undefined) return 'A command looks like /todo.create title="Buy milk".'
  const input = new Map<string, string>()
  // A key, then a value in quotes, where \" is a quote, or up to the next space.
  const pair = /\s*(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]\S*|))(?=\s|$)/sy
  pair.lastIndex = start.length
  while (pair.lastIndex < text.length) {
    const rest = text.slice(pair.lastIndex).trim()
    const [, key, quoted, plain = ''] = pair.exec(text) ?? []
    if (key === undefined) return `“${rest.slice(0, 60)}” is not key=value or key="some words".`
    if (input.has(key)) return `“${key}” is given twice.`
    input.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? plain)
  }
  return { id, input: Object.fromEntries(input) }
}

export async function runSlash({ app, turn, signal }: TurnWork) {
  const slash = parseSlash(turn.messages[0]?.content ?? '')
  if (typeof slash === 'string') {
    turn.note = slash
    return
  }
  const { id, input } = slash
  const outcome = await app.actions.call(id, input, {
    actor: { kind: 'user' },
    source: 'form',
    turn: turn.turn,
    signal,
  })
  const tool = id.replace('.', '_')
  turn.messages.push(
    { role: 'assistant', content: '', calls: [{ tool, args: input }] },
    resultOf(tool, outcome),
  )
}
