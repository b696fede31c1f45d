import { randomUUID } from 'node:crypto'
import { actorNames } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { button, div, hxPartial, span } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'
import { actionButton } from './form.ts'

export function toast(entry: JournalEntry): Html {
  const { id, actor, summary, undoable, undone } = entry
  const isUser = actor === 'user' || actor === 'plugin'
  return div(
    { id: `toast-${id}`, class: 'toast' },
    span(isUser ? summary : `${actorNames[actor]}: ${summary}`),
    undoable && !undone && undoButton(entry),
    close,
  )
}

/** Adds a toast that says what went wrong, wherever the answer that carries it would go. */
export function errorToast(text: Content): Html {
  const shown = div({ id: `toast-${randomUUID()}`, class: 'toast bad', role: 'alert' }, span(text), close)
  return hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, shown)
}

export function undoButton({ id, turn }: JournalEntry, wholeTurn = false): Html {
  return wholeTurn
    ? actionButton('journal.undo-turn', { turn }, 'Undo all of it')
    : actionButton('journal.undo', { entry: id }, 'Undo')
}

const close = button({ type: 'button', class: 'quiet', 'data-close': true, 'aria-label': 'Close' }, '×')
