import type {
  ChatHistoryItem,
  ChatModelFunctions,
  GbnfJsonSchema,
  LlamaChatResponseChunk,
} from 'node-llama-cpp'
import { historyOf } from './llama-history.ts'
import { grammarSchema, withoutNulls } from './llama-schema.ts'
import { type ChatRequest, ModelError, type ModelEvent, type Tool } from './model.ts'

/** What a GGUF file says of itself. */
export interface GgufFacts {
  /** How many tokens the model was made for. */
  readonly length: number | undefined
  /** Made for chats, so that it can be told of tools. */
  readonly hasTemplate: boolean
}

/** How a model is loaded. */
export interface EngineOptions {
  readonly file: string
  readonly contextTokens: number
  readonly gpu: boolean
  readonly temperature: number
  readonly describeTools: boolean
  readonly threads: number | undefined
}

/** A loaded model. */
export interface Engine {
  /** Answers one request; another may begin when it has ended. */
  answer(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ModelEvent>
  close(): Promise<void>
}

/** An optional package: most apps have a server for their model. */
export async function importLlama(): Promise<typeof import('node-llama-cpp')> {
  try {
    return await import('node-llama-cpp')
  } catch (thrown) {
    const fix = 'Install it with “npm install node-llama-cpp”.'
    throw new ModelError('offline', 'The package node-llama-cpp is not installed.', fix, thrown)
  }
}

/** Reads the head of a GGUF file. */
export async function readFacts(file: string): Promise<GgufFacts> {
  const { readGgufFileInfo } = await importLlama()
  try {
    const head = await readGgufFileInfo(file, { readTensorInfo: false, logWarnings: false })
    const template: unknown = head.metadata.tokenizer?.chat_template
    return { length: head.architectureMetadata.context_length, hasTemplate: Boolean(template) }
  } catch (thrown) {
    const fix = 'Download it again, or choose another file.'
    throw new ModelError('bad-output', `${file} is not a GGUF file that can be read.`, fix, thrown)
  }
}

/** Loads a model into memory. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { file, contextTokens, gpu, temperature, describeTools, threads } = options
  const { getLlama, LlamaChat, LlamaLogLevel, LlamaText, resolveChatWrapper } = await importLlama()
  // Never downloads or compiles anything: what is installed is what there is.
  const llama = await getLlama({
    gpu: gpu ? 'auto' : false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
  })
  const model = await llama.loadModel({ modelPath: file })
  // Its threads wait for each other in a loop: one that lacks a core makes all of them a hundred times slower.
  const own = threads ?? Math.max(1, llama.cpuMathCores - 1)
  const context = await model.createContext({ contextSize: contextTokens, threads: own })
  const contextSequence = context.getSequence()
  const chatWrapper = resolveChatWrapper(model)
  if (!describeTools) chatWrapper.generateAvailableFunctionsSystemText = () => LlamaText()
  const chat = new LlamaChat({ contextSequence, chatWrapper })

  /** How many tokens are read before the answer. */
  const count = (chatHistory: ChatHistoryItem[], availableFunctions?: ChatModelFunctions): number => {
    const state = chatWrapper.generateContextState({
      chatHistory,
      ...(availableFunctions && { availableFunctions }),
    })
    return state.contextText.tokenize(model.tokenizer).length
  }

  async function* answer(
    { messages, tools = [], schema }: ChatRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent> {
    const history = historyOf(messages)
    const functions = tools.length > 0 ? functionsOf(tools) : undefined
    const prompt = count(history, functions)
    // Beyond its size the engine would leave the oldest out without a word.
    const room = contextTokens - prompt - 2
    if (room < 1) throw tooLong(prompt, contextTokens)
    const before = contextSequence.tokenMeter.getState()
    const { events, put, end, fail } = openEvents()
    // Whoever stops reading ends the answer too.
    const gone = new AbortController()
    const common = {
      signal: AbortSignal.any([signal, gone.signal]),
      temperature,
      maxTokens: room,
      contextShift: {
        strategy: () => {
          throw tooLong(prompt, contextTokens)
        },
      },
      onResponseChunk: ({ type, segmentType, text }: LlamaChatResponseChunk) => {
        if (text === '' || (type === 'segment' && segmentType !== 'thought')) return
        put({ type: type === 'segment' ? 'thinking' : 'text', text })
      },
    }
    const generate = async (): Promise<void> => {
      const grammar =
        schema && (await llama.createGrammarForJsonSchema(grammarSchema(schema) as { type: 'object' }))
      const { metadata } = functions
        ? await chat.generateResponse(history, {
            ...common,
            functions,
            documentFunctionParams: describeTools,
            onFunctionCall: ({ functionName, params }) => {
              const { parameters = {} } = tools.find(({ name }) => name === functionName) ?? {}
              const args = withoutNulls(params ?? {}, parameters)
              put({ type: 'tool-call', tool: functionName, args })
            },
          })
        : await chat.generateResponse(history, { ...common, ...(grammar && { grammar }) })
      const { usedOutputTokens: output } = contextSequence.tokenMeter.diff(before)
      const reason = metadata.stopReason === 'maxTokens' ? 'length' : 'stop'
      put({ type: 'done', reason, usage: { prompt, output } })
      end()
    }
    const generating = generate().catch(fail)
    try {
      // Cancelled, it would refuse what is still on its way.
      yield* events.values({ preventCancel: true })
    } finally {
      gone.abort()
      await generating
    }
  }

  return { answer, close: () => llama.dispose() }
}

interface Events {
  readonly events: ReadableStream<ModelEvent>
  put(event: ModelEvent): void
  end(): void
  fail(thrown: unknown): void
}

/** Events that callbacks put in at one end, and a loop reads at the other. */
function openEvents(): Events {
  const held: { controller?: ReadableStreamDefaultController<ModelEvent> } = {}
  const events = new ReadableStream<ModelEvent>({
    start(controller) {
      held.controller = controller
    },
  })
  return {
    events,
    put: (event) => held.controller?.enqueue(event),
    end: () => held.controller?.close(),
    fail: (thrown) => held.controller?.error(thrown),
  }
}

function functionsOf(tools: readonly Tool[]): ChatModelFunctions {
  const entries = tools.map(({ name, description, parameters }) => [
    name,
    { description, params: grammarSchema(parameters) as GbnfJsonSchema },
  ])
  return Object.fromEntries(entries)
}

function tooLong(prompt: number, contextTokens: number): ModelError {
  const message = `What the model has to read takes ${prompt} tokens of its ${contextTokens}.`
  return new ModelError(
    'overflow',
    message,
    'Forget the conversation, or give llamaCpp() more contextTokens.',
  )
}
