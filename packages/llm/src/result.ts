import type { Outcome } from '@localapp/core'
import type { CallResult } from './conversation.ts'

/** As much of what an action returns as a model reads. */
const maxLetters = 4_000

/** What became of a call of a tool. */
export function resultOf(tool: string, outcome: Outcome): CallResult {
  const { label, content = label } = describe(tool, outcome)
  const approval = outcome.status === 'approval' ? outcome.approval : undefined
  return { role: 'tool', tool, status: outcome.status, approval, label, content }
}

function describe(tool: string, outcome: Outcome): { label: string; content?: string } {
  switch (outcome.status) {
    case 'done': {
      const { summary = '', output = '' } = outcome
      const data = JSON.stringify(output, null, 1)
      const shown = data.length > maxLetters ? `${data.slice(0, maxLetters)}… (and more)` : data
      return { label: summary || tool.replace('_', '.'), content: `${summary}\n${shown}`.trim() }
    }
    case 'approval':
      return {
        label: `Waits for your word: ${outcome.title}`,
        content: 'Not done yet: the user is asked first.',
      }
    case 'invalid': {
      const said = Object.entries(outcome.messages).map(
        ([field, message]) => `${field && `${field}: `}${message}`,
      )
      return { label: `Not done. ${said.join(' ')}` }
    }
    case 'failed':
      return { label: `Not done. ${outcome.error.message} ${outcome.error.fix}` }
  }
}
