import type { AppHandle } from '@localapp/core'
import { resultOf, type Turn } from './turn.ts'

/** A command typed into the chat; text says what is wrong with it. */
export type Slash = string | { readonly id: string; readonly input: Readonly<Record<string, string>> }

/** Reads a command such as `/todo.create title="Buy milk" done=true`; undefined when the text is none. */
export function parseSlash(text: string): Slash | undefined {
  if (!text.startsWith('/')) return undefined
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

/** Runs a command as the user, and puts down in the turn what came of it. */
export async function runSlash(app: AppHandle, turn: Turn, slash: Slash): Promise<void> {
  turn.running = false
  if (typeof slash === 'string') turn.note = slash
  else if (!app.actions.get(slash.id))
    turn.note = `There is no action “${slash.id}”. /journal.actions lists all of them.`
  else {
    const { id, input } = slash
    const options = { actor: { kind: 'user' }, source: 'form', turn: turn.turn } as const
    const outcome = await app.actions.call(id, input, options)
    const tool = id.replace('.', '_')
    const calls = [{ tool, args: input }]
    turn.messages.push({ role: 'assistant', content: '', calls }, resultOf(tool, outcome))
  }
}
