import { ModelError, type ModelErrorCode } from './model.ts'

/** What was thrown, what it means, what to do, and what happened where Ollama does not say it. */
type Meaning = readonly [RegExp, ModelErrorCode, fix: string, what?: string]

/** The first that fits counts. */
const meanings: readonly Meaning[] = [
  [/^aborted Timeout/, 'timeout', 'Try again, or choose a smaller model.', 'Ollama gave no answer in time.'],
  [/^aborted/, 'aborted', 'Ask again.', 'The answer was stopped.'],
  // fetch's words for a connection that breaks, before the answer or in the middle of it.
  [/fetch failed.*(RESET|SOCKET)|terminated/s, 'failed', 'Try again.', 'Ollama broke off its answer.'],
  [
    /fetch failed/,
    'offline',
    'Start it with “ollama serve”, or get it from ollama.com.',
    'Ollama is not running.',
  ],
  [
    /^(Syntax|Type)Error/,
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

/** What was thrown on the way, in our words. */
export function inOurWords(thrown: unknown, signal?: AbortSignal): ModelError {
  if (thrown instanceof ModelError) return thrown
  const { message, cause } = thrown as Error & { readonly cause?: { readonly code?: string } }
  const text = signal?.aborted ? `aborted ${signal.reason}` : `${thrown} ${cause?.code}`
  for (const [pattern, code, fix, what = `Ollama says: ${message}.`] of meanings)
    if (pattern.test(text)) return new ModelError(code, what, fix, thrown)
  return new ModelError('failed', `Ollama says: ${message}.`, 'Try again, or choose a smaller model.', thrown)
}
