import type { ChatRequest, Message } from './model.ts'

/** What is sent for a request: always a stream, and with the tokens counted at its end. */
export function bodyOf(model: string, { messages, tools = [], schema }: ChatRequest): object {
  return {
    model,
    messages: messagesOf(messages),
    stream: true,
    stream_options: { include_usage: true },
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
    ...(schema && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
    }),
  }
}

/** Calls and their results are tied by ids there. Here the results follow in the order of the calls. */
function messagesOf(messages: readonly Message[]): object[] {
  const open: string[] = []
  let made = 0
  return messages.map((message) => {
    const { role, content } = message
    if (role === 'tool') return { role, content, tool_call_id: open.shift() ?? 'call_0' }
    if (role !== 'assistant' || !message.calls?.length) return { role, content }
    const calls = message.calls.map(({ tool, args }) => {
      const id = `call_${++made}`
      open.push(id)
      return { id, type: 'function', function: { name: tool, arguments: JSON.stringify(Object(args)) } }
    })
    return { role, content, tool_calls: calls }
  })
}
