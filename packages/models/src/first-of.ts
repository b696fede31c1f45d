import { type ChatRequest, type Model, ModelError, type ModelEvent, type ModelInfo } from './model.ts'

/**
 * The first of several models that answers, asked for anew each time: so the assistant uses what runs. A request goes to
 * one model from beginning to end. Throws `offline` when none answers, with what each of them said.
 *
 * @example
 * ```ts
 * assistant({ model: firstOf(ollama(), llamaCpp({ model: 'qwen3-4b.gguf' })) })
 * ```
 */
export function firstOf(...models: readonly Model[]): Model {
  const find = async (signal?: AbortSignal): Promise<{ model: Model; info: ModelInfo }> => {
    const said: string[] = []
    for (const model of models) {
      try {
        return { model, info: await model.info(signal) }
      } catch (thrown) {
        if (!(thrown instanceof ModelError) || signal?.aborted) throw thrown
        said.push(`${model.name}: ${thrown.message} ${thrown.fix}`)
      }
    }
    const fix =
      'Get Ollama from ollama.com, start it and run “ollama pull qwen3:4b”, or give llamaCpp() a GGUF file.'
    throw new ModelError('offline', ['No language model answers.', ...said].join(' '), fix)
  }
  return {
    name: 'first-of',
    info: async (signal) => (await find(signal)).info,
    async *chat(request: ChatRequest): AsyncGenerator<ModelEvent> {
      const { model } = await find(request.signal)
      yield* model.chat(request)
    },
  }
}
