import { ModelError, type ModelErrorCode } from './model.ts'

/** What Ollama says in words, what it means and what to do; the first that fits counts. */
const meanings: readonly (readonly [RegExp, ModelErrorCode, string])[] = [
  [/model .*not found/, 'no-model', 'Get it with “ollama pull”, or choose another model.'],
  [/does not support/, 'unsupported', 'Choose another model.'],
  [/exceeds? the .*context/, 'overflow', 'Forget the conversation, or give ollama() more contextTokens.'],
  [/server busy/, 'busy', 'Try again in a moment.'],
  [/parsing tool call|XML syntax/, 'bad-output', 'Try again, or choose another model.'],
]

export function inOurWords(thrown: unknown, signal?: AbortSignal): ModelError {
  if (thrown instanceof ModelError) return thrown
  return new ModelError(...wordsFor(thrown as Failure, signal), thrown)
}

type Failure = Error & { readonly cause?: { readonly code?: string } }

function wordsFor({ name, message, cause }: Failure, signal?: AbortSignal): [ModelErrorCode, string, string] {
  if (signal?.aborted) {
    return signal.reason?.name === 'TimeoutError'
      ? ['timeout', 'Ollama gave no answer in time.', 'Try again, or choose a smaller model.']
      : ['aborted', 'The answer was stopped.', 'Ask again.']
  }
  if (message === 'fetch failed' && !/RESET|SOCKET/.test(`${cause?.code}`))
    return ['offline', 'Ollama is not running.', 'Start it with “ollama serve”, or get it from ollama.com.']
  // The first two are fetch's words for a connection that breaks, the third the library's for a stream without an end.
  if (/^(fetch failed|terminated|Did not receive done)/.test(message))
    return ['failed', 'Ollama broke off its answer.', 'Try again.']
  if (message === damaged || /^(Syntax|Type)Error$/.test(name))
    return [
      'bad-output',
      'What Ollama sent could not be read.',
      'Try again, and look whether Ollama runs there.',
    ]
  const meaning = meanings.find(([pattern]) => pattern.test(message))
  const [, code, fix] = meaning ?? [message, 'failed', 'Try again, or choose a smaller model.']
  return [code, `Ollama says: ${message}.`, fix]
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
