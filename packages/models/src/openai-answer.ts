import type { ModelEvent, ToolCall, Usage } from './model.ts'
import { brokenOff, failureOf, unreadable } from './openai-error.ts'

/** A piece of an answer, as it comes over the wire. */
interface Chunk {
  readonly error?: unknown
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null
      /** Thinking: llama-server and LM Studio call it so, newer vLLM `reasoning`. */
      readonly reasoning_content?: string | null
      readonly reasoning?: string | null
      readonly tool_calls?: readonly CallPiece[] | null
    }
    readonly finish_reason?: string | null
  }[]
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null
}

interface CallPiece {
  readonly index?: number
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null }
}

/** Reads the events of an answer; `heard` is called at each piece. Throws where it does not come to its end. */
export async function* eventsOfStream(response: Response, heard: () => void): AsyncGenerator<ModelEvent> {
  const calls = new Map<number, { name: string; text: string }>()
  let usage: Usage = { prompt: 0, output: 0 }
  let finish: string | undefined
  for await (const data of dataOf(response)) {
    heard()
    if (data === '[DONE]') break
    const { error, choices, usage: counted } = parse(data) as Chunk
    if (error !== undefined) throw failureOf(error)
    if (counted) usage = { prompt: counted.prompt_tokens ?? 0, output: counted.completion_tokens ?? 0 }
    const [{ delta, finish_reason: reason } = {}] = choices ?? []
    const thinking = delta?.reasoning_content ?? delta?.reasoning
    if (thinking) yield { type: 'thinking', text: thinking }
    if (delta?.content) yield { type: 'text', text: delta.content }
    for (const { index = 0, function: piece } of delta?.tool_calls ?? []) {
      const { name, text } = calls.get(index) ?? { name: '', text: '' }
      calls.set(index, { name: name + (piece?.name ?? ''), text: text + (piece?.arguments ?? '') })
    }
    finish = reason ?? finish
  }
  if (finish === undefined) throw brokenOff()
  const isCut = finish === 'length'
  // Of a call that was cut nothing can be made.
  if (!isCut) for (const call of calls.values()) yield { type: 'tool-call', ...callOf(call) }
  yield { type: 'done', reason: isCut ? 'length' : 'stop', usage }
}

function callOf({ name, text }: { name: string; text: string }): ToolCall {
  return { tool: name, args: text.trim() === '' ? {} : parse(text) }
}

function parse(text: string): unknown {
  try {
    return Object(JSON.parse(text))
  } catch (thrown) {
    throw unreadable(thrown)
  }
}

/** What the events of an event stream carry. llama-server names a failure `error:` instead of `data:`. */
async function* dataOf(response: Response): AsyncGenerator<string> {
  const type = response.headers.get('content-type') ?? ''
  if (!response.body || !type.startsWith('text/event-stream')) throw unreadable(type)
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines.flatMap(contentOf)
  }
  yield* contentOf(rest)
}

function contentOf(line: string): string[] {
  if (line.startsWith('data:')) return [line.slice(5).trim()]
  return line.startsWith('error:') ? [`{"error":${line.slice(6)}}`] : []
}
