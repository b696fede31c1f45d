import { createInterface } from 'node:readline/promises'
import { Refusal } from './refusal.ts'

/** Asks at a terminal, one line a question. */
export interface Asker {
  /** An empty answer takes the usual one. One that `check` refuses is asked for again, with what would do as the usual one. */
  ask(question: string, usual: string, check?: (answer: string) => void): Promise<string>
  close(): void
}

/** Opens the terminal. Throws a {@link Refusal} from `ask` when the user leaves with Ctrl+C or Ctrl+D. */
export function openAsker(): Asker {
  const { stdin: input, stdout: output } = process
  const lines = createInterface({ input, output })
  const left = new AbortController()
  lines.once('close', () => left.abort())
  return {
    async ask(question, first, check = () => {}) {
      let usual = first
      for (;;) {
        try {
          const answer = await lines.question(`${question} (${usual}) `, { signal: left.signal })
          check(answer.trim() || usual)
          return answer.trim() || usual
        } catch (error) {
          if (left.signal.aborted) throw new Refusal('\nNothing was written.')
          if (!(error instanceof Refusal)) throw error
          output.write(`${error.message}\n`)
          usual = error.instead ?? usual
        }
      }
    },
    close: () => lines.close(),
  }
}
