import {
  type ChatRequest,
  type Message,
  type Model,
  ModelError,
  type ModelEvent,
  type ModelInfo,
} from './model.ts'
import { inOurWords } from './ollama-error.ts'

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
  const address = host.includes('://') ? host : `http://${host}`
  const isElsewhere = !/^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(address).hostname)

  async function ask(path: string, signal?: AbortSignal, body?: object): Promise<Response> {
    const request = body && { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`${address}/api/${path}`, { ...request, signal: signal ?? null })
    if (response.ok) return response
    const { error } = (await response.json()) as { error: string }
    throw new Error(error)
  }

  async function info(signal?: AbortSignal): Promise<ModelInfo> {
    try {
      const installed =
        model === undefined ? await (await ask('tags', signal)).json() : { models: [{ name: model }] }
      for (const { name } of (installed as { models: { name: string }[] }).models) {
        const shown = (await (await ask('show', signal, { model: name })).json()) as Shown
        const tools = shown.capabilities?.includes('tools') ?? false
        // Ollama passes what is said to a model of its cloud on to a host elsewhere.
        const remote = isElsewhere || /[:-]cloud$/.test(name) || Boolean(shown.remote_host)
        if (model === undefined && (!tools || remote !== isElsewhere)) continue
        const details = Object.entries(shown.model_info ?? {})
        const [, length = contextTokens] = details.find(([key]) => key.endsWith('.context_length')) ?? []
        return { model: name, contextTokens: Math.min(Number(length), contextTokens), tools, remote }
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
      const response = await ask('chat', either, {
        model: found.model,
        messages: messages.map(messageOf),
        stream: true,
        truncate: false,
        shift: false,
        options: { num_ctx: found.contextTokens },
        format: schema,
        tools: tools.map((tool) => ({ type: 'function', function: tool })),
      })
      for await (const line of linesOf(response)) {
        timer.refresh()
        const part: Part = JSON.parse(line)
        if (part.error) throw new Error(part.error)
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
        return
      }
      throw new Error('terminated')
    } catch (error) {
      throw inOurWords(error, either)
    } finally {
      clearTimeout(timer)
      quiet.abort()
    }
  }

  return { name: 'ollama', info, chat }
}

/** What Ollama tells of a model. */
interface Shown {
  readonly capabilities?: readonly string[]
  readonly model_info?: object
  readonly remote_host?: string
}

/** A line of an answer. */
interface Part {
  readonly error?: string
  readonly message: {
    readonly thinking?: string
    readonly content: string
    readonly tool_calls?: readonly {
      readonly function: { readonly name: string; readonly arguments: unknown }
    }[]
  }
  readonly done: boolean
  readonly done_reason?: string
  readonly prompt_eval_count: number
  readonly eval_count: number
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  let rest = ''
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function messageOf(message: Message): object {
  const { role, content } = message
  if (role === 'tool') return { role, content, tool_name: message.tool }
  if (role !== 'assistant' || !message.calls?.length) return { role, content }
  const calls = message.calls.map(({ tool, args }) => ({ function: { name: tool, arguments: Object(args) } }))
  return { role, content, tool_calls: calls }
}
