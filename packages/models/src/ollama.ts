import { Ollama, type Message as OllamaMessage, type Tool } from 'ollama'
import {
  type ChatRequest,
  type Message,
  type Model,
  ModelError,
  type ModelEvent,
  type ModelInfo,
} from './model.ts'
import { checkLines, inOurWords } from './ollama-error.ts'

/** Options of {@link ollama}. */
export interface OllamaOptions {
  /** Default: `http://127.0.0.1:11434`. */
  readonly host?: string
  /** How many tokens the conversation and the answer may take; never more than the model has. Default: 8192. */
  readonly contextTokens?: number
  /** Milliseconds of silence after which an answer is given up; less than 300,000. Default: 240,000. */
  readonly timeout?: number
}

/**
 * A model that Ollama runs. Without a name it is the first one on this machine that can use tools; a model of
 * Ollama's cloud has to be named, for what is said to it leaves the machine.
 *
 * @example
 * ```ts
 * assistant({ model: ollama('qwen3:4b', { contextTokens: 16_384 }) })
 * ```
 */
export function ollama(model?: string, options: OllamaOptions = {}): Model {
  const { host = 'http://127.0.0.1:11434', contextTokens = 8192, timeout = 240_000 } = options
  const isElsewhere = !/^(https?:\/\/)?(localhost|127\.[\d.]+|\[::1\])(:\d+)?(\/.*)?$/.test(host)

  /** A client for one request: the client's own abort() would end the streams of all others too. */
  const connect = (signal?: AbortSignal) =>
    new Ollama({
      host,
      fetch: async (input, init) => {
        const response = await fetch(input, { ...init, signal: signal ?? null })
        const isChat = response.ok && String(input).endsWith('/api/chat')
        return isChat && response.body ? new Response(checkLines(response.body)) : response
      },
    })

  async function info(signal?: AbortSignal): Promise<ModelInfo> {
    try {
      const installed = model === undefined ? (await connect(signal).list()).models : [{ name: model }]
      for (const { name } of installed) {
        const shown = await connect(signal).show({ model: name })
        const tools = shown.capabilities?.includes('tools') ?? false
        const remote = isElsewhere || isOfCloud(name, shown)
        if (model === undefined && (!tools || remote !== isElsewhere)) continue
        const details = Object.entries(shown.model_info ?? {})
        const [, length = contextTokens] = details.find(([key]) => key.endsWith('.context_length')) ?? []
        return { model: name, contextTokens: Math.min(length, contextTokens), tools, remote }
      }
    } catch (error) {
      throw inOurWords(error, signal)
    }
    const fix = 'Get one with “ollama pull qwen3:4b”.'
    throw new ModelError('no-model', 'Ollama has no model on this machine that can use tools.', fix)
  }

  async function* chat({ messages, tools = [], schema, signal }: ChatRequest): AsyncGenerator<ModelEvent> {
    // Whoever stops reading ends the request too, and so does silence.
    const quiet = new AbortController()
    const timer = setTimeout(() => quiet.abort(new DOMException('Silence', 'TimeoutError')), timeout)
    const either = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal
    try {
      const found = await info(either)
      // With `truncate` and `shift` off, an overflow is an error and not a silent loss.
      const request = {
        model: found.model,
        messages: messages.map(messageOf),
        stream: true as const,
        truncate: false,
        shift: false,
        options: { num_ctx: found.contextTokens },
        ...(schema && { format: schema }),
        tools: tools.map((tool) => ({ type: 'function', function: tool }) as Tool),
      }
      for await (const part of await connect(either).chat(request)) {
        timer.refresh()
        const { thinking, content, tool_calls: calls = [] } = part.message
        if (thinking) yield { type: 'thinking', text: thinking }
        if (content) yield { type: 'text', text: content }
        for (const { function: call } of calls)
          yield { type: 'tool-call', tool: call.name, args: call.arguments }
        if (!part.done) continue
        const usage = { prompt: part.prompt_eval_count, output: part.eval_count }
        // An older Ollama leaves the oldest out all the same: it counts far fewer tokens than so long a text can have.
        const { length } = messages.map((message) => message.content).join('')
        if (length > 2 * found.contextTokens && length > 8 * usage.prompt)
          throw new Error('the conversation exceeds the context')
        yield { type: 'done', reason: part.done_reason === 'length' ? 'length' : 'stop', usage }
      }
    } catch (error) {
      throw inOurWords(error, either)
    } finally {
      clearTimeout(timer)
      quiet.abort()
    }
  }

  return { name: 'ollama', info, chat }
}

function messageOf(message: Message): OllamaMessage {
  const { role, content } = message
  if (role === 'tool') return { role, content, tool_name: message.tool }
  if (role !== 'assistant' || !message.calls?.length) return { role, content }
  const calls = message.calls.map(({ tool, args }) => ({ function: { name: tool, arguments: Object(args) } }))
  return { role, content, tool_calls: calls }
}

/** Ollama passes what is said to a model of its cloud on to a host elsewhere. */
function isOfCloud(name: string, shown: object) {
  return /[:-]cloud$/.test(name) || ('remote_host' in shown && shown.remote_host !== '')
}
