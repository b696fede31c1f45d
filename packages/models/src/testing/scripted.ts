import {
  type ChatRequest,
  type Model,
  ModelError,
  type ModelEvent,
  type ModelInfo,
  type ToolCall,
} from '../model.ts'

/** One answer of a {@link scripted} model: thinking, then text, then calls, then the end. */
export interface ScriptedTurn {
  readonly thinking?: string
  /** Streamed word by word. */
  readonly text?: string
  readonly calls?: readonly ToolCall[]
  /** Thrown in place of the end. */
  readonly error?: ModelError
  /** Instead of an end, nothing more comes until the request is aborted. */
  readonly hang?: boolean
  /** The answer was cut off. */
  readonly cut?: boolean
}

/** Answers, one a request; or what makes each from the request and its number, from 0. */
export type Script =
  | readonly (ScriptedTurn | ((request: ChatRequest) => ScriptedTurn))[]
  | ((request: ChatRequest, index: number) => ScriptedTurn)

/**
 * A model that says what it is told to, for tests. Throws `failed` when the script is at its end.
 *
 * @example
 * ```ts
 * const model = scripted([
 *   { calls: [{ tool: 'todo_create', args: { title: 'Buy milk' } }] },
 *   { text: 'Added it.' },
 * ])
 * ```
 */
export function scripted(script: Script, info?: Partial<ModelInfo>): Model {
  const known = {
    model: 'scripted',
    contextTokens: 8192,
    tools: true,
    remote: false,
    ...info,
  }
  let asked = 0
  const next = (request: ChatRequest): ScriptedTurn => {
    const index = asked++
    const turn = typeof script === 'function' ? script(request, index) : script[index]
    if (!turn)
      throw new ModelError('failed', `The script has no turn ${index + 1}.`, 'Add it to scripted([…]).')
    return typeof turn === 'function' ? turn(request) : turn
  }
  return {
    name: 'scripted',
    info: async () => known,
    async *chat(request): AsyncGenerator<ModelEvent> {
      if (request.tools?.length && !known.tools) {
        throw new ModelError('unsupported', 'The scripted model cannot use tools.', 'Leave the tools out.')
      }
      const turn = next(request)
      for (const event of eventsOf(turn)) {
        await new Promise(setImmediate)
        stopIfAborted(request.signal)
        yield event
      }
      if (turn.hang) await aborted(request.signal)
      stopIfAborted(request.signal)
      if (turn.error) throw turn.error
      const usage = { prompt: tokens(JSON.stringify(request.messages)), output: tokens(JSON.stringify(turn)) }
      yield { type: 'done', reason: turn.cut ? 'length' : 'stop', usage }
    },
  }
}

function eventsOf({ thinking, text, calls = [] }: ScriptedTurn): ModelEvent[] {
  return [
    ...words(thinking).map((text) => ({ type: 'thinking', text }) as const),
    ...words(text).map((text) => ({ type: 'text', text }) as const),
    ...calls.map((call) => ({ type: 'tool-call', ...call }) as const),
  ]
}

/** Cuts a text before each word, as models do. */
function words(text = ''): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ModelError('aborted', 'The answer was stopped.', 'Ask again.')
}

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (!signal?.aborted)
    await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
}
