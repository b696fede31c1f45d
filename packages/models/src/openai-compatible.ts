import { type ChatRequest, type Model, ModelError, type ModelEvent, type ModelInfo } from './model.ts'
import { eventsOfStream } from './openai-answer.ts'
import { inOurWords, refusal } from './openai-error.ts'
import { bodyOf } from './openai-request.ts'

/** Options of {@link openaiCompatible}. */
export interface OpenaiCompatibleOptions {
  /** Where the server's API begins, as a rule with `/v1` at its end: `http://127.0.0.1:8080/v1`. */
  readonly baseURL: string
  /** Default: the first one that the server names. */
  readonly model?: string
  /** Sent as a bearer token. Default: none. */
  readonly apiKey?: string
  /** How many tokens the conversation and the answer may take; never more than the server tells. Default: 8192. */
  readonly contextTokens?: number
  /** False for a model that cannot call tools: servers do not tell. Default: true. */
  readonly tools?: boolean
  /** Milliseconds of silence after which an answer is given up; less than 300,000. Default: 240,000. */
  readonly timeout?: number
}

/** What servers tell of a model: vLLM its length, llama-server what is under `meta`. */
interface Served {
  readonly id: string
  readonly max_model_len?: number
  readonly meta?: { readonly n_ctx?: number; readonly n_ctx_train?: number } | null
}

/**
 * A model behind a server that speaks OpenAI's format: llama-server, LM Studio, vLLM. Where the server is not on this
 * machine, the panel says that data leaves it.
 *
 * @example
 * ```ts
 * assistant({ model: openaiCompatible({ baseURL: 'http://127.0.0.1:8080/v1' }) })
 * ```
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): Model {
  const { baseURL, model, apiKey, contextTokens = 8192, tools = true, timeout = 240_000 } = options
  const base = baseURL.replace(/\/+$/, '')
  const remote = !/^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(base).hostname)
  const headers = {
    'content-type': 'application/json',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  }

  const ask = async (path: string, signal?: AbortSignal, body?: object): Promise<Response> => {
    const sent = body && { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`${base}${path}`, { headers, signal: signal ?? null, ...sent })
    if (!response.ok) throw refusal(response.status, await response.text(), base)
    return response
  }

  async function info(signal?: AbortSignal): Promise<ModelInfo> {
    try {
      const { data } = (await (await ask('/models', signal)).json()) as { data: readonly Served[] }
      const served = model === undefined ? data[0] : data.find(({ id }) => id === model)
      if (!served) {
        const what = model === undefined ? 'a model' : `the model “${model}”`
        const names = data.map(({ id }) => id).join(', ')
        const fix = names ? `Choose one that it has: ${names}.` : 'Load a model there.'
        throw new ModelError('no-model', `The server at ${base} does not have ${what}.`, fix)
      }
      const { id, max_model_len: length, meta } = served
      const most = length ?? meta?.n_ctx ?? meta?.n_ctx_train ?? contextTokens
      return { model: id, contextTokens: Math.min(most, contextTokens), tools, remote }
    } catch (thrown) {
      throw inOurWords(thrown, base, signal)
    }
  }

  async function* chat(request: ChatRequest): AsyncGenerator<ModelEvent> {
    // Whoever stops reading ends the request too, and so does silence.
    const quiet = new AbortController()
    const timer = setTimeout(() => quiet.abort(new DOMException('Silence', 'TimeoutError')), timeout)
    const signal = request.signal ? AbortSignal.any([request.signal, quiet.signal]) : quiet.signal
    try {
      if (!tools && request.tools?.length) {
        const fix = 'Leave the tools out, or choose another model.'
        throw new ModelError('unsupported', 'This model cannot use tools.', fix)
      }
      const { model: name } = await info(signal)
      const response = await ask('/chat/completions', signal, bodyOf(name, request))
      yield* eventsOfStream(response, () => timer.refresh())
    } catch (thrown) {
      throw inOurWords(thrown, base, signal)
    } finally {
      clearTimeout(timer)
      quiet.abort()
    }
  }

  return { name: 'openai-compatible', info, chat }
}
