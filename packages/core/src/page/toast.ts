import { randomUUID } from 'node:crypto'
import { actorNames } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { button, div, hxPartial, span } from '../html/elements.ts'
import type { Content } from '../html/html.ts'
import { actionButton } from './form.ts'

export function toast({ id, actor, summary, undoable, undone }: JournalEntry) {
  const isUser = actor === 'user' || actor === 'plugin'
  return div(
    { id: `toast-${id}`, class: 'toast' },
    span(isUser ? summary : `${actorNames[actor]}: ${summary}`),
    undoable && !undone && actionButton('journal.undo', { entry: id }, 'Undo'),
    close,
  )
}

/** Adds a toast that says what went wrong, wherever the answer that carries it would go. */
export function errorToast(text: Content) {
  const shown = div({ id: `toast-${randomUUID()}`, class: 'toast bad', role: 'alert' }, span(text), close)
  return hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, shown)
}

const close = button({ type: 'button', class: 'quiet', 'data-close': true, 'aria-label': 'Close' }, '×')
