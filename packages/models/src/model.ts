/** What can go wrong with a model, whichever engine runs it. */
export type ModelErrorCode =
  | 'offline'
  | 'no-model'
  | 'unsupported'
  | 'overflow'
  | 'bad-output'
  | 'timeout'
  | 'aborted'
  | 'busy'
  | 'failed'

/** An error of a model, for the user to read: `message` says what happened, `fix` what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode
  readonly fix: string

  constructor(code: ModelErrorCode, message: string, fix: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.fix = fix
  }
}

/** What answers, and what it can do. */
export interface ModelInfo {
  readonly model: string
  /** How many tokens the conversation and the answer may take together. */
  readonly contextTokens: number
  readonly tools: boolean
  /** What is sent leaves this machine. */
  readonly remote: boolean
}

/** A call that a model asks for. `args` is parsed and not validated. */
export interface ToolCall {
  readonly tool: string
  readonly args: unknown
}

/** A message of a conversation. The results of a message's calls follow it, in the order of the calls. */
export type Message =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly calls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly content: string; readonly tool: string }

/** Something that the model may call. */
export interface Tool {
  readonly name: string
  readonly description: string
  /** A JSON Schema of an object. */
  readonly parameters: object
}

/** What a model is asked. */
export interface ChatRequest {
  readonly messages: readonly Message[]
  readonly tools?: readonly Tool[]
  /** The answer is JSON of this JSON Schema. Not together with `tools`: a grammar leaves no way to write a call. */
  readonly schema?: object
  readonly signal?: AbortSignal
}

/** A part of an answer: a piece of text, or a whole call. `done` comes once, last; `length`: the answer was cut. */
export type ModelEvent =
  | { readonly type: 'text' | 'thinking'; readonly text: string }
  | ({ readonly type: 'tool-call' } & ToolCall)
  | { readonly type: 'done'; readonly reason: 'stop' | 'length'; readonly usage: Usage }

/** What an answer took, in tokens. */
export interface Usage {
  readonly prompt: number
  readonly output: number
}

/**
 * A language model behind an adapter. The adapter translates and no more: validation, repair, approval and limits are
 * the work of whoever asks. Both methods throw {@link ModelError} alone; so does an answer that does not come to `done`.
 *
 * @example
 * ```ts
 * for await (const event of model.chat({ messages: [{ role: 'user', content: 'Hello' }] })) {
 *   if (event.type === 'text') process.stdout.write(event.text)
 * }
 * ```
 */
export interface Model {
  /** The adapter's name, such as `ollama`. */
  readonly name: string
  /** Asks anew each time, so that it also tells whether the model can be reached. */
  info(signal?: AbortSignal): Promise<ModelInfo>
  chat(request: ChatRequest): AsyncIterable<ModelEvent>
}
