import {
  type Action,
  type AppHandle,
  actionForm,
  button,
  type Content,
  details,
  div,
  form,
  type Html,
  h2,
  input,
  p,
  pre,
  section,
  span,
  summary,
} from '@localapp/core'
import { type Turn, type TurnMessage, textId } from './conversation.ts'
import { renderMarkdown } from './markdown.ts'

/** What answers, or why nothing does; `warn`: the user must not miss it. */
export interface Status {
  readonly text: string
  readonly warn: boolean
}

/** The conversation and its form. */
export function renderPanel(
  app: AppHandle,
  turns: readonly Turn[],
  status: Status,
  send: Action,
  page: string,
): Content {
  return [
    div(
      { class: 'top' },
      h2('Assistant'),
      turns.length > 0 &&
        details(
          { class: 'forget' },
          summary('Forget…'),
          p('Everything that was said here is deleted for good. What was done stays.'),
          post('/api/assistant/forget', 'Forget the conversation'),
        ),
      p({ class: status.warn ? 'warn' : 'help' }, status.text),
    ),
    // Its one child keeps the order; the box itself runs from the bottom, so that the newest is in sight.
    div(
      { class: 'log', role: 'log', 'aria-label': 'Conversation', tabindex: 0 },
      div(
        turns.length === 0 &&
          p({ class: 'empty' }, 'Say what you want done, or type a command such as /todo.list.'),
        turns.map((turn) => renderTurn(app, turn)),
      ),
    ),
    actionForm(send, {
      id: 'assistant-form',
      className: 'chat',
      only: ['text'],
      hidden: { page },
      submit: 'Send',
      reset: true,
    }),
  ]
}

function renderTurn(app: AppHandle, turn: Turn): Html {
  const { id, running, messages, note } = turn
  return section(
    { id: `assistant-turn-${id}`, class: 'turn', 'aria-label': 'Turn' },
    messages.map((message, index) => renderMessage(turn, message, index)),
    note !== '' && p({ class: 'error' }, note),
    running && post('/api/assistant/stop', 'Stop'),
    canUndo(app, turn) && post('/api/journal/undo-turn', 'Undo all of it', { turn: turn.turn }),
  )
}

function renderMessage(turn: Turn, message: TurnMessage, index: number): Content {
  const { role, content } = message
  if (role === 'user') return p({ class: 'user' }, speaker('You'), content)
  if (role === 'assistant') {
    // Its calls come with its end; until then it streams, and nobody wants to hear each piece.
    const isLive = turn.running && message.calls === undefined
    if (isLive) return div({ id: textId(turn, index), class: 'live', 'aria-live': 'off' }, content)
    return content !== '' && div({ class: 'answer' }, speaker('Assistant'), renderMarkdown(content))
  }
  if (role !== 'tool') return undefined
  const { label, status } = message
  if (label === content) return p({ class: ['call', status] }, label)
  // What a command looked up is what the user wants to see.
  const isWanted = turn.messages[0]?.content.startsWith(`/${label}`)
  return details({ class: ['call', status], open: isWanted }, summary(label), pre(content))
}

function speaker(name: string): Html {
  return span({ class: 'visually-hidden' }, `${name}: `)
}

function canUndo({ journal }: AppHandle, { turn, running }: Turn): boolean {
  const entries = running ? [] : journal.list({ turn }).filter(({ undone }) => !undone)
  return entries.length > 0 && entries.every(({ undoable }) => undoable)
}

function post(address: string, text: string, values: Readonly<Record<string, string>> = {}): Html {
  return form(
    { method: 'post', action: address, 'hx-post': address, 'hx-target': '#toasts', 'hx-swap': 'none' },
    Object.entries(values).map(([name, value]) => input({ type: 'hidden', name, value })),
    button({ class: 'quiet' }, text),
  )
}
