import type { Outcome } from '@localapp/core'
import type { Message } from '@localapp/models'

export type TurnMessage = Message & { readonly approval?: number }

export interface Turn {
  readonly id: number
  /** The turn of its entries in the journal, which are undone together. */
  readonly turn: string
  readonly page: string
  /** What the user said comes first. */
  readonly messages: TurnMessage[]
  running: boolean
  /** What the user should know about how it ended. */
  note: string
}

export function textId({ id }: Turn, message: number) {
  return `assistant-answer-${id}-${message}`
}

/** As much of what an action returns as a model reads. */
const maxLetters = 4_000

/** What became of a call of a tool. The user reads the first line of it, and opens the rest. */
export function resultOf(tool: string, outcome: Outcome): TurnMessage {
  const result = (content: string): TurnMessage => ({ role: 'tool', tool, content })
  switch (outcome.status) {
    case 'done': {
      const { summary = tool.replace('_', '.'), output } = outcome
      const data = output === undefined ? '' : JSON.stringify(output, null, 1)
      const shown = data.length > maxLetters ? `${data.slice(0, maxLetters)}… (and more)` : data
      return result(`${summary}\n${shown}`.trim())
    }
    case 'invalid': {
      const messages = Object.entries(outcome.messages).map(([field, said]) =>
        field ? `${field}: ${said}` : said,
      )
      return result(`Not done. ${messages.join(' ')}`)
    }
    case 'failed':
      return result(`Not done. ${outcome.error.message} ${outcome.error.fix}`)
    case 'approval':
      return { ...result(`Waits for approval: ${outcome.title}`), approval: outcome.approval }
  }
}
