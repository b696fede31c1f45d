import type { TurnWork } from './loop.ts'
import { resultOf } from './turn.ts'

/** Reads a command such as `/todo.create title="Buy milk" done=true`; a text says what is wrong with it. */
export function parseSlash(text: string) {
  const [, id, pairs = ''] = /^\/([\w-]+\.[\w-]+)(?=\s|$)(.*)$/s.exec(text) ?? []
  if (id === undefined) return 'A command looks like /todo.create title="Buy milk".'
  const input = new Map<string, string>()
  let rest = pairs
  // A key, then a value in quotes, where \" is a quote, or up to the next space.
  for (const [pair, key = '', quoted, plain = ''] of pairs.matchAll(
    /(?<=\s)(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]\S*|))(?=\s|$)/gs,
  )) {
    if (input.has(key)) return `“${key}” is given twice.`
    input.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? plain)
    rest = rest.replace(pair, '')
  }
  if (rest.trim()) return `“${rest.trim().slice(0, 60)}” is not key=value or key="some words".`
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
