import { ModelError, type ModelErrorCode } from './model.ts'

/** What a failure says, what it means, what to do, and words for what Ollama does not say itself. */
type Meaning = readonly [RegExp, ModelErrorCode, fix: string, words?: string]

/** The first that fits counts. */
const meanings: readonly Meaning[] = [
  [
    /^Stop TimeoutError/,
    'timeout',
    'Try again, or choose a smaller model.',
    'Ollama gave no answer in time.',
  ],
  [/^Stop/, 'aborted', 'Ask again.', 'The answer was stopped.'],
  // Fetch's words for a connection that breaks, and the library's for a stream without an end.
  [
    /: (terminated|fetch failed.*(RESET|SOCKET)|Did not receive done)/,
    'failed',
    'Try again.',
    'Ollama broke off its answer.',
  ],
  [
    /: fetch failed/,
    'offline',
    'Start it with “ollama serve”, or get it from ollama.com.',
    'Ollama is not running.',
  ],
  [
    /^(Syntax|Type)Error|: damaged/,
    'bad-output',
    'Try again, and look whether Ollama runs there.',
    'What Ollama sent could not be read.',
  ],
  [/model .*not found/, 'no-model', 'Get it with “ollama pull”, or choose another model.'],
  [/does not support/, 'unsupported', 'Choose another model.'],
  [/exceeds? the .*context/, 'overflow', 'Forget the conversation, or give ollama() more contextTokens.'],
  [/server busy/, 'busy', 'Try again in a moment.'],
  [/parsing tool call|XML syntax/, 'bad-output', 'Try again, or choose another model.'],
]
const otherwise: Meaning = [/^/, 'failed', 'Try again, or choose a smaller model.']

export function inOurWords(thrown: unknown, signal?: AbortSignal): ModelError {
  if (thrown instanceof ModelError) return thrown
  const { message, cause } = thrown as Error & { readonly cause?: { readonly code?: string } }
  const said = signal?.aborted ? `Stop ${signal.reason?.name}` : `${thrown} ${cause?.code}`
  const [, code, fix, words] = meanings.find(([pattern]) => pattern.test(said)) ?? otherwise
  return new ModelError(code, words ?? `Ollama says: ${message}.`, fix, thrown)
}

const damaged = 'damaged'

/**
 * The JSON lines of an answer. The library would print a damaged one and go on without it, so it gets one instead that
 * tells of an error, which it throws.
 */
export function checkLines(body: NonNullable<Response['body']>): ReadableStream {
  let rest = ''
  const check = new TransformStream<string, string>({
    transform(text, controller) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) controller.enqueue(checked(line))
    },
    flush: (controller) => (rest === '' ? undefined : controller.enqueue(checked(rest))),
  })
  return body.pipeThrough(new TextDecoderStream()).pipeThrough(check).pipeThrough(new TextEncoderStream())
}

function checked(line: string) {
  try {
    JSON.parse(line)
    return `${line}\n`
  } catch {
    return `${JSON.stringify({ error: damaged })}\n`
  }
}
