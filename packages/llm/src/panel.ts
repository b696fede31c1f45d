import {
  type Action,
  actionButton,
  actionForm,
  details,
  div,
  type Filling,
  h2,
  type Journal,
  p,
  pre,
  section,
  span,
  summary,
} from '@localapp/core'
import { renderMarkdown } from './markdown.ts'
import { type Turn, type TurnMessage, textId } from './turn.ts'

export function renderPanel(
  journal: Journal,
  send: Action,
  page: string,
  turns: readonly Turn[],
  status: string,
  fillings: readonly Filling[],
) {
  return [
    div(
      h2('Assistant'),
      p({ class: 'status' }, status),
      fillings.map(({ content }) => content),
      turns.length > 0 &&
        details(
          { class: 'help' },
          summary('Forget…'),
          p('Everything that was said here is deleted for good. What was done stays.'),
          actionButton('assistant.forget', {}, 'Forget the conversation'),
        ),
    ),
    // Its one child keeps the order; the box itself runs from the bottom, so that the newest is in sight.
    div(
      { class: 'log', role: 'log', 'aria-label': 'Conversation', tabindex: 0 },
      div(
        turns.length === 0 &&
          p({ class: 'empty' }, 'Say what you want done, or type a command: /journal.actions'),
        turns.map((turn) => renderTurn(journal, turn)),
      ),
    ),
    actionForm(send, {
      id: 'assistant-form',
      className: 'chat',
      only: ['text'],
      hidden: { page },
      reset: true,
    }),
  ]
}

function renderTurn(journal: Journal, turn: Turn) {
  const { id, running, messages, note } = turn
  const last = messages.at(-1)
  // Its calls come with the end of an answer; until then it streams, and nobody wants to hear each piece.
  const isBegun = running && last?.role === 'assistant' && last.calls === undefined
  const done = isBegun ? messages.slice(0, -1) : messages
  const live = { id: textId(turn, done.length), class: 'live', 'aria-live': 'off' }
  return section(
    { id: `assistant-turn-${id}` },
    done.map((message) => renderMessage(turn, message)),
    running && div(live, isBegun && last.content),
    note !== '' && p({ class: 'error' }, note),
    running && actionButton('assistant.stop', {}, 'Stop'),
    canUndo(journal, turn) && actionButton('journal.undo-turn', { turn: turn.turn }, 'Undo all of it'),
  )
}

function renderMessage(turn: Turn, message: TurnMessage) {
  const { role, content } = message
  if (role === 'tool') {
    const [line, ...data] = content.split('\n')
    if (data.length === 0) return p({ class: 'call' }, line)
    // What a command looked up is what the user wants to see.
    const open = turn.messages[0]?.content.startsWith(`/${line}`)
    return details({ class: 'call', open }, summary(line), pre(data.join('\n')))
  }
  if (role === 'user') return p({ class: 'user' }, speaker('You'), content)
  return content !== '' && div({ class: 'answer' }, speaker('Assistant'), renderMarkdown(content))
}

function speaker(name: string) {
  return span({ class: 'visually-hidden' }, `${name}: `)
}

function canUndo(journal: Journal, { turn, running }: Turn) {
  const entries = running ? [] : journal.list({ turn })
  const done = entries.filter(
    ({ undone, state }) => !undone && !['asked', 'rejected', 'refused'].includes(state),
  )
  return done.length > 0 && done.every(({ undoable }) => undoable)
}
