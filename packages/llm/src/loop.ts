import type { AppHandle, Outcome } from '@localapp/core'
import type { Model, ToolCall } from '@localapp/models'
import { messagesFor, toolsFor } from './awareness.ts'
import { resultOf, type Turn, textId } from './turn.ts'

/** A turn to be answered, by a model or a command, and what that needs. */
export interface TurnWork {
  readonly app: AppHandle
  readonly model: Model
  readonly turn: Turn
  readonly earlier: readonly Turn[]
  readonly signal: AbortSignal
  save(): Promise<void>
}

const maxSteps = 8
const maxRepairs = 2

/**
 * Lets the model answer and call tools until it has nothing more to call or a call waits for the user. Wrong
 * arguments go back to it in words, twice in a row at most. Throws what the model throws.
 */
export async function runTurn({ app, model, turn, earlier, signal, save }: TurnWork) {
  const info = await model.info(signal)
  const tools = info.tools ? toolsFor(app, turn) : []
  const messages = messagesFor(app, turn, earlier, info.contextTokens)

  const answer = async (): Promise<readonly ToolCall[]> => {
    const at = turn.messages.length
    const calls: ToolCall[] = []
    let content = ''
    for await (const event of model.chat({ messages: messages(), tools, signal })) {
      if (event.type === 'text') {
        app.streams.text({ target: textId(turn, at), at: content.length, text: event.text })
        content += event.text
        turn.messages[at] = { role: 'assistant', content }
      } else if (event.type === 'tool-call') calls.push({ tool: event.tool, args: event.args })
      else if (event.type === 'done' && event.reason === 'length')
        turn.note = 'The answer ends here, because the model can write no more at once.'
    }
    turn.messages[at] = { role: 'assistant', content, calls }
    await save()
    return calls
  }

  const perform = async ({ tool, args }: ToolCall, waits: boolean): Promise<Outcome> => {
    const refuse = (message: string): Outcome => ({ status: 'invalid', messages: { '': message } })
    if (signal.aborted) return refuse('The user stopped this.')
    if (waits)
      return refuse('A call before this one waits for the user. Call it again if it is still wanted.')
    const action = app.actions.get(tool.replace('_', '.'))
    if (!action || action.userOnly) return refuse(`There is no tool “${tool}”.`)
    const actor = { kind: 'model', name: info.model } as const
    return await app.actions.call(action.id, args, { actor, turn: turn.turn, signal })
  }

  let repairs = 0
  for (let step = 0; step < maxSteps; step++) {
    const calls = await answer()
    if (calls.length === 0) return
    const statuses: Outcome['status'][] = []
    for (const call of calls) {
      const outcome = await perform(call, statuses.includes('approval'))
      statuses.push(outcome.status)
      turn.messages.push(resultOf(call.tool, outcome))
      await save()
    }
    signal.throwIfAborted()
    if (statuses.includes('approval')) return
    repairs = statuses.includes('invalid') ? repairs + 1 : 0
    if (repairs > maxRepairs) {
      turn.note = 'This was refused three times. Say it in other words, or use a form.'
      return
    }
  }
  turn.note = `The assistant stopped after ${maxSteps} steps. Say “go on” if it should.`
}
