import {
  Ollama,
  type ChatRequest as OllamaChat,
  type Message as OllamaMessage,
  type Tool as OllamaTool,
} from 'ollama'
import {
  type ChatRequest,
  type Message,
  type Model,
  ModelError,
  type ModelEvent,
  type ModelInfo,
} from './model.ts'
import { checked, inOurWords, parse, refused, unreached, unreadable } from './ollama-error.ts'

/** Options of {@link ollama}. */
export interface OllamaOptions {
  /** Default: `http://127.0.0.1:11434`. */
  readonly host?: string
  /** How many tokens the conversation and the answer may take; never more than the model has. Default: 8192. */
  readonly contextTokens?: number
  /** Milliseconds without a sign of the model after which an answer is given up; less than 300,000. Default: 240,000. */
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
  const { hostname } = new URL(/^https?:\/\//.test(host) ? host : `http://${host}`)
  const isElsewhere = !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
  /** A client for one request: the client's own abort() would end the streams of all others too. */
  const connect = (signal: AbortSignal | undefined): Ollama =>
    new Ollama({
      host,
      fetch: async (input, init) => {
        const response = await fetch(input, signal ? { ...init, signal } : init).catch((thrown) => {
          throw signal?.aborted ? thrown : unreached(thrown)
        })
        if (!response.ok) {
          const said = parse(await response.text())?.error
          if (typeof said !== 'string') throw unreadable()
          throw response.status === 404 && model !== undefined
            ? noModel(`called “${model}”`, model)
            : refused(said)
        }
        const isChat = String(input).endsWith('/api/chat')
        return isChat && response.body ? new Response(checked(response.body)) : response
      },
    })

  async function describe(name: string, signal: AbortSignal | undefined): Promise<ModelInfo> {
    const shown = await connect(signal).show({ model: name })
    const { capabilities = [], model_info: details } = shown
    const length = Object.entries(details ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1]
    return {
      model: name,
      contextTokens: typeof length === 'number' ? Math.min(length, contextTokens) : contextTokens,
      tools: capabilities.includes('tools'),
      thinking: capabilities.includes('thinking'),
      remote: isElsewhere || isOfCloud(name, shown),
    }
  }

  async function info(signal?: AbortSignal): Promise<ModelInfo> {
    try {
      if (model !== undefined) return await describe(model, signal)
      for (const entry of (await connect(signal).list()).models) {
        if (isOfCloud(entry.name, entry)) continue
        const found = await describe(entry.name, signal)
        if (found.tools && found.remote === isElsewhere) return found
      }
    } catch (error) {
      throw inOurWords(error, signal)
    }
    throw noModel('on this machine that can use tools', 'qwen3:4b')
  }

  async function* chat({ messages, tools = [], schema, signal }: ChatRequest): AsyncGenerator<ModelEvent> {
    // Whoever stops reading ends the request too, and so does silence.
    const quiet = new AbortController()
    const timer = setTimeout(() => quiet.abort(new DOMException('Silence', 'TimeoutError')), timeout)
    const either = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal
    try {
      const found = await info(either)
      // `truncate` and `shift` are not in the client's types: an overflow is an error, not a silent loss.
      const request: OllamaChat & { stream: true; truncate: false; shift: false } = {
        model: found.model,
        messages: messages.map(messageOf),
        stream: true,
        truncate: false,
        shift: false,
        options: { num_ctx: found.contextTokens },
        ...(found.thinking ? { think: true } : {}),
        ...(schema ? { format: schema } : {}),
        ...(tools.length > 0
          ? { tools: tools.map((tool) => ({ type: 'function', function: tool }) as OllamaTool) }
          : {}),
      }
      let called = false
      for await (const part of await connect(either).chat(request)) {
        timer.refresh()
        const { thinking, content, tool_calls: calls = [] } = part.message
        if (thinking) yield { type: 'thinking', text: thinking }
        if (content) yield { type: 'text', text: content }
        for (const { function: call } of calls) {
          called = true
          yield { type: 'tool-call', tool: call.name, args: call.arguments }
        }
        if (!part.done) continue
        const usage = { prompt: part.prompt_eval_count ?? 0, output: part.eval_count ?? 0 }
        if (wasCut(messages, found, usage.prompt)) throw refused('the conversation exceeds the context')
        const reason = called ? 'tools' : 'stop'
        yield { type: 'done', reason: part.done_reason === 'length' ? 'length' : reason, usage }
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
  const calls = message.calls.map(({ tool, args }) => ({
    function: { name: tool, arguments: typeof args === 'object' && args !== null ? { ...args } : {} },
  }))
  return { role, content, tool_calls: calls }
}

/** An older Ollama leaves the oldest out all the same: it counts far fewer tokens than so long a text can have. */
function wasCut(messages: readonly Message[], { contextTokens }: ModelInfo, counted: number): boolean {
  const length = messages.reduce((sum, { content }) => sum + content.length, 0)
  return counted > 0 && length > 2 * contextTokens && length > 8 * counted
}

function noModel(which: string, name: string): ModelError {
  return new ModelError('no-model', `Ollama has no model ${which}.`, `Get one with “ollama pull ${name}”.`)
}

/** Ollama passes what is said to a model of its cloud on to a host elsewhere. */
function isOfCloud(name: string, entry: object): boolean {
  return /[:-]cloud$/.test(name) || ('remote_host' in entry && Boolean(entry.remote_host))
}
