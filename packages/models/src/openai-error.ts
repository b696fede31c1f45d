import { ModelError, type ModelErrorCode } from './model.ts'

/** What servers say in words, what it means and what to do; the first that fits counts. */
const meanings: readonly (readonly [RegExp, ModelErrorCode, string])[] = [
  [
    /exceed_context_size|(exceeds?|maximum|greater than).{0,40}context|context (length|size|window)/i,
    'overflow',
    'Forget the conversation, or start the server with a larger context.',
  ],
  [
    /tool.*(--jinja|support|enable-auto-tool-choice)|does not support/i,
    'unsupported',
    'Start llama-server with --jinja or vLLM with --enable-auto-tool-choice, or choose another model.',
  ],
  [
    /model.*(not found|does not exist)|no models? loaded/i,
    'no-model',
    'Load it there, or choose another model.',
  ],
  [/loading model|overloaded|too many requests/i, 'busy', 'Try again in a moment.'],
  [/failed to parse|parse (tool|input)/i, 'bad-output', 'Try again, or choose another model.'],
]

/** The error for what a server answered in place of an answer. */
export function refusal(status: number, body: string, base: string): ModelError {
  if (status === 401 || status === 403)
    return new ModelError('failed', `The server at ${base} does not accept the key.`, 'Look at apiKey.')
  const error = errorIn(body)
  if (error !== undefined) return failureOf(error, status)
  if (status === 404)
    return new ModelError(
      'offline',
      `Nothing at ${base} speaks OpenAI's format.`,
      'Look whether baseURL ends with /v1.',
    )
  return failureOf(`status ${status}`, status)
}

/** The error that a server names, in our words. */
export function failureOf(error: unknown, status?: number): ModelError {
  const { message = error, type = '' } = Object(error)
  const words = typeof message === 'string' ? message : JSON.stringify(message)
  const meaning = meanings.find(([pattern]) => pattern.test(`${type} ${words}`))
  const [, code, fix] = meaning ?? [
    words,
    status === 429 || status === 503 ? 'busy' : 'failed',
    'Try again, or choose a smaller model.',
  ]
  return new ModelError(code, `The server says: ${words.replace(/\.$/, '')}.`, fix)
}

/** For an answer that ends before its end. */
export function brokenOff(cause?: unknown): ModelError {
  return new ModelError('failed', 'The server broke off its answer.', 'Try again.', cause)
}

/** For what cannot be read. */
export function unreadable(cause: unknown): ModelError {
  const fix = 'Try again, and look whether baseURL is right.'
  return new ModelError('bad-output', 'What the server sent could not be read.', fix, cause)
}

/** Whatever was thrown on the way, as an error for the user. */
export function inOurWords(thrown: unknown, base: string, signal?: AbortSignal): ModelError {
  if (signal?.aborted) {
    return signal.reason?.name === 'TimeoutError'
      ? new ModelError(
          'timeout',
          'The server gave no answer in time.',
          'Try again, or choose a smaller model.',
          thrown,
        )
      : new ModelError('aborted', 'The answer was stopped.', 'Ask again.', thrown)
  }
  if (thrown instanceof ModelError) return thrown
  const { name, message, cause } = thrown as Error & { readonly cause?: { readonly code?: string } }
  if (message === 'fetch failed' && !/RESET|SOCKET/.test(`${cause?.code}`))
    return new ModelError(
      'offline',
      `No server answers at ${base}.`,
      'Start it, or look whether baseURL is right.',
      thrown,
    )
  if (/^(fetch failed|terminated)/.test(message)) return brokenOff(thrown)
  if (/^(Syntax|Type)Error$/.test(name)) return unreadable(thrown)
  return new ModelError('failed', `The server could not be asked: ${message}.`, 'Try again.', thrown)
}

function errorIn(body: string): unknown {
  try {
    const { error, message } = Object(JSON.parse(body))
    return error ?? message
  } catch {
    return undefined
  }
}
