import type { Message } from '@localapp/models'
import type { Sent } from './exchange.ts'

/** A part of what was sent. */
export interface Part {
  readonly title: string
  /** About so many: a model counts the whole alone, and its count is shared out by length. */
  readonly tokens: number
  readonly pieces: readonly Piece[]
}

/** A message, or a tool, as it was sent. */
export interface Piece {
  readonly title: string
  readonly text: string
}

/** A model that did not say how many tokens it read is taken to read one for so many letters. */
const lettersPerToken = 4

/** Takes a request apart. Without `promptTokens` the tokens are a guess from the length alone. */
export function partsOf({ messages, tools = [], schema }: Sent, promptTokens: number | null): Part[] {
  const last = messages.findLastIndex(({ role }) => role === 'user')
  const isSystem = ({ role }: Message) => role === 'system'
  const grouped: [title: string, pieces: Piece[]][] = [
    ['Instructions', messages.filter(isSystem).map(pieceOf)],
    ['Tools', tools.map((tool) => ({ title: tool.name, text: JSON.stringify(tool) }))],
    ['The form of the answer', schema ? [{ title: 'JSON Schema', text: JSON.stringify(schema) }] : []],
    [
      'Earlier',
      messages
        .slice(0, Math.max(last, 0))
        .filter((message) => !isSystem(message))
        .map(pieceOf),
    ],
    ['What you said', messages.slice(last, last + 1).map(pieceOf)],
    ['What was looked up and done since', last < 0 ? [] : messages.slice(last + 1).map(pieceOf)],
  ]
  const lettersOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { text }) => sum + text.length, 0)
  const all = grouped.reduce((sum, [, pieces]) => sum + lettersOf(pieces), 0)
  const each = promptTokens ? promptTokens / Math.max(all, 1) : 1 / lettersPerToken
  return grouped
    .filter(([, pieces]) => pieces.length > 0)
    .map(([title, pieces]) => ({ title, pieces, tokens: Math.round(lettersOf(pieces) * each) }))
}

const speakers = { system: 'Instructions', user: 'You', assistant: 'The model', tool: 'Result' } as const

function pieceOf(message: Message): Piece {
  const { role, content } = message
  if (role === 'tool') return { title: `Result of ${message.tool}`, text: content }
  const calls = role === 'assistant' ? (message.calls ?? []) : []
  const called = calls.map(({ tool, args }) => `${tool} ${JSON.stringify(args)}`)
  return { title: speakers[role], text: [content, ...called].filter((text) => text !== '').join('\n') }
}
