import { type Row, type Stored, t } from '@localapp/core'
import type { ChatRequest, Model, ToolCall } from '@localapp/models'

/** The columns of an exchange: one request to a model, and what came back. */
export const fields = {
  /** The turn of the journal that it belongs to. */
  turn: t.text(),
  /** What the user said, for the list. */
  said: t.longText(),
  model: t.text(),
  /** {@link Sent} as JSON. */
  request: t.longText(),
  /** {@link Answer} as JSON. */
  answer: t.longText(),
  /** How it ended, where that was not the model's own end. */
  note: t.longText(),
  /** Counted by the model. */
  promptTokens: t.integer({ optional: true }),
  outputTokens: t.integer({ optional: true }),
  /** Milliseconds until the first piece of the answer. */
  first: t.integer({ optional: true }),
  /** Milliseconds until its end. */
  took: t.integer({ optional: true }),
}

export type Exchange = Stored<typeof fields>

/** What a model was asked, without the signal that stops it. */
export type Sent = Omit<ChatRequest, 'signal'>

/** All that came back. */
export interface Answer {
  readonly thinking: string
  readonly text: string
  readonly calls: readonly ToolCall[]
}

/** Where exchanges are kept. Neither may throw. */
export interface Keeper {
  begin(row: Row<typeof fields>): Promise<void>
  end(patch: Partial<Row<typeof fields>>): Promise<void>
}

/** What a row says until its answer has ended: so it stands there when the app ends before. */
const open = 'There is no end of this answer: it is under way, or the app was stopped.'

/** Keeps what each request to a model sends and gets; what is asked and answered stays as it is. */
export function watched(model: Model, turn: string, keeperOf: () => Keeper): Model {
  let name = model.name
  return {
    name: model.name,
    async info(signal) {
      const info = await model.info(signal)
      name = info.model
      return info
    },
    async *chat(request) {
      const { signal: _, ...sent } = request
      const keeper = keeperOf()
      const said = request.messages.findLast(({ role }) => role === 'user')?.content ?? ''
      const answer = { thinking: '', text: '', calls: [] as ToolCall[] }
      const none = { answer: '', promptTokens: null, outputTokens: null, first: null, took: null }
      await keeper.begin({ turn, said, model: name, request: JSON.stringify(sent), note: open, ...none })
      const begun = performance.now()
      const elapsed = () => Math.round(performance.now() - begun)
      const end: Partial<Row<typeof fields>> = { note: 'The answer was stopped.' }
      try {
        for await (const event of model.chat(request)) {
          end.first ??= elapsed()
          if (event.type === 'done') {
            end.promptTokens = event.usage.prompt
            end.outputTokens = event.usage.output
            end.note = event.reason === 'length' ? 'The model could write no more at once.' : ''
          } else if (event.type === 'tool-call') answer.calls.push({ tool: event.tool, args: event.args })
          else answer[event.type] += event.text
          yield event
        }
      } catch (thrown) {
        end.note = thrown instanceof Error ? thrown.message : String(thrown)
        throw thrown
      } finally {
        await keeper.end({ ...end, answer: JSON.stringify(answer), took: elapsed() })
      }
    },
  }
}
