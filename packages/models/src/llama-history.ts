import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp'
import type { Message } from './model.ts'

/** A conversation as node-llama-cpp has it: calls and their results are parts of what the model said, which comes last. */
export function historyOf(messages: readonly Message[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = []
  let waiting: ChatModelFunctionCall[] = []
  const answer = (): ChatModelResponse => {
    const last = history.at(-1)
    if (last?.type === 'model') return last
    const begun: ChatModelResponse = { type: 'model', response: [] }
    history.push(begun)
    return begun
  }
  for (const message of messages) {
    const { role, content } = message
    if (role === 'tool') {
      const call = waiting.shift()
      if (call) call.result = resultFrom(content)
    } else if (role === 'assistant') {
      const { response } = answer()
      if (content !== '') response.push(content)
      waiting = (message.calls ?? []).map(({ tool, args }, index) => ({
        type: 'functionCall',
        name: tool,
        params: args,
        result: '',
        startsNewChunk: index === 0,
      }))
      response.push(...waiting)
    } else history.push({ type: role, text: content })
  }
  answer()
  return history
}

/** A result is written as JSON, so one that is JSON already is not quoted again. */
function resultFrom(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return content
  }
}
