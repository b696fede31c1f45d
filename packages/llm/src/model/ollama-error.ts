import { isModelError, ModelError, type ModelErrorCode } from './model.ts'

/** What Ollama says in words, what it means and what to do; the first that fits counts. */
const meanings: readonly (readonly [RegExp, ModelErrorCode, string])[] = [
  [/does not support/, 'unsupported', 'Choose another model.'],
  [/exceeds? the .*context/, 'overflow', 'Forget the conversation, or give ollama() more contextTokens.'],
  [/server busy/, 'busy', 'Try again in a moment.'],
  [/parsing tool call|XML syntax/, 'bad-output', 'Try again, or choose another model.'],
]

/** What Ollama means that tells of an error. */
export function refused(said: string): ModelError {
  const found = meanings.find(([pattern]) => pattern.test(said))
  const [, code, fix] = found ?? [said, 'failed', 'Try again, or choose a smaller model.']
  return new ModelError(code, `Ollama says: ${said}.`, fix)
}

/** Something else than Ollama answers, or what came of an answer is damaged. */
export function unreadable(cause?: unknown): ModelError {
  const fix = 'Try again, and look whether it is Ollama that runs at this address.'
  return new ModelError('bad-output', 'What Ollama sent could not be read.', fix, cause)
}

/** No connection came about; one that broke before the answer began is another matter. */
export function unreached(thrown: unknown): unknown {
  const { cause } = thrown as { cause?: { code?: string } }
  if (cause?.code === 'UND_ERR_SOCKET' || cause?.code === 'ECONNRESET') return thrown
  const fix = 'Start it with “ollama serve”, or get it from ollama.com.'
  return new ModelError('offline', 'Ollama is not running.', fix, thrown)
}

/** What was thrown on the way, in our words. */
export function inOurWords(thrown: unknown, signal: AbortSignal | undefined): ModelError {
  if (isModelError(thrown)) return thrown
  if (signal?.aborted) {
    return signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
      ? new ModelError('timeout', 'Ollama gave no answer in time.', 'Try again, or choose a smaller model.')
      : new ModelError('aborted', 'The answer was stopped.', 'Ask again.')
  }
  if (thrown instanceof SyntaxError) return unreadable(thrown)
  return new ModelError('failed', 'Ollama broke off its answer.', 'Try again.', thrown)
}

/** Checks the JSON lines of an answer. The library would print a damaged one and go on without it. */
export function checked(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const lines = linesOf(body)
  // Nothing is read ahead, so that what came before an error is heard.
  const strategy = { highWaterMark: 0 }
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await lines.next()
        if (done) controller.close()
        else controller.enqueue(new TextEncoder().encode(checkLine(value)))
      },
      cancel: async () => void (await lines.return(undefined)),
    },
    strategy,
  )
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function checkLine(line: string): string {
  const { error, message } = parse(line) ?? {}
  if (typeof error === 'string') throw refused(error)
  if (typeof message !== 'object') throw unreadable()
  return `${line}\n`
}

/** Reads JSON of Ollama; null when it is none. */
export function parse(text: string): { error?: unknown; message?: unknown } | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
