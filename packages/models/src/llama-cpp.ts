import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { type Engine, type GgufFacts, importLlama, openEngine, readFacts } from './llama-engine.ts'
import { type ChatRequest, type Model, ModelError, type ModelEvent, type ModelInfo } from './model.ts'

/** Options of {@link llamaCpp}. */
export interface LlamaCppOptions {
  /** The GGUF file. A relative path starts from the folder of the main module. */
  readonly model: string
  /** How many tokens the conversation and the answer may take; never more than the model has. Default: 8192. */
  readonly contextTokens?: number
  /** False to leave the graphics card alone. Default: true, which uses one where its build is installed. */
  readonly gpu?: boolean
  /** How far from the likeliest word the model may go: 0 is always the same answer. Default: 0.6. */
  readonly temperature?: number
  /** False for a model that was trained on its tools: it is not told of them again. Default: true. */
  readonly describeTools?: boolean
  /** How many cores compute. Default: all but one, which the app and the browser need. */
  readonly threads?: number
}

/** A model in this process. */
export interface LlamaCppModel extends Model {
  /** Frees the memory of the model. The next request loads it again. */
  close(): Promise<void>
}

/**
 * A model that llama.cpp runs in this process, from a GGUF file, with nothing else to install or start than the package
 * `node-llama-cpp`. It is loaded at the first request and answers one at a time.
 *
 * @example
 * ```ts
 * assistant({ model: llamaCpp({ model: 'models/qwen3-4b-q4.gguf' }) })
 * ```
 */
export function llamaCpp(options: LlamaCppOptions): LlamaCppModel {
  const { contextTokens = 8192, gpu = true, temperature = 0.6, describeTools = true, threads } = options
  const file = resolve(dirname(process.argv[1] ?? '.'), options.model)
  let known: { readonly changed: number; readonly facts: GgufFacts } | undefined
  let loading: Promise<Engine> | undefined
  /** One request after the other. */
  let last: Promise<unknown> = Promise.resolve()

  const info = async (signal?: AbortSignal): Promise<ModelInfo> => {
    try {
      signal?.throwIfAborted()
      await importLlama()
      const { mtimeMs: changed } = await stat(file).catch(() => {
        const fix = 'Download one, and give llamaCpp() its path.'
        throw new ModelError('no-model', `There is no model file ${file}.`, fix)
      })
      if (known?.changed !== changed) known = { changed, facts: await readFacts(file) }
      const { length, hasTemplate } = known.facts
      const most = Math.min(length ?? contextTokens, contextTokens)
      return { model: basename(file, '.gguf'), contextTokens: most, tools: hasTemplate, remote: false }
    } catch (thrown) {
      throw inOurWords(thrown, signal)
    }
  }

  const load = async ({ contextTokens }: ModelInfo): Promise<Engine> => {
    loading ??= openEngine({ file, contextTokens, gpu, temperature, describeTools, threads })
    try {
      return await loading
    } catch (thrown) {
      loading = undefined
      throw thrown
    }
  }

  async function* chat(request: ChatRequest): AsyncGenerator<ModelEvent> {
    const { signal = new AbortController().signal } = request
    const { promise: over, resolve: finish } = Promise.withResolvers<void>()
    const before = last
    last = before.then(() => over)
    try {
      const found = await info(signal)
      if (request.tools?.length && !found.tools) {
        const fix = 'Leave the tools out, or choose a model that is made for chats.'
        throw new ModelError('unsupported', 'This model cannot use tools: it has no chat template.', fix)
      }
      await unlessAborted(before, signal)
      const engine = await unlessAborted(load(found), signal)
      yield* engine.answer(request, signal)
    } catch (thrown) {
      throw inOurWords(thrown, signal)
    } finally {
      finish()
    }
  }

  const close = async (): Promise<void> => {
    await last
    const engine = await loading?.catch(() => undefined)
    loading = undefined
    await engine?.close()
  }

  return { name: 'llama-cpp', info, chat, close }
}

/** The value of a promise, unless the signal comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function inOurWords(thrown: unknown, signal?: AbortSignal): ModelError {
  if (signal?.aborted) return new ModelError('aborted', 'The answer was stopped.', 'Ask again.', thrown)
  if (thrown instanceof ModelError) return thrown
  const { name, message } = thrown as Error
  if (name === 'InsufficientMemoryError' || /memory|VRAM/i.test(message)) {
    const fix = 'Choose a smaller model, or give llamaCpp() fewer contextTokens.'
    return new ModelError('failed', 'There is not enough memory for this model.', fix, thrown)
  }
  return new ModelError('failed', `llama.cpp says: ${message}`, 'Try again, or choose another model.', thrown)
}
