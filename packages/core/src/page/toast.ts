import { randomUUID } from 'node:crypto'
import { actorNames } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { button, div, form, hxPartial, span } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'
import { hiddenInput } from './form.ts'

export function toast(entry: JournalEntry): Html {
  const { id, actor, summary, undoable, undone } = entry
  const isUser = actor === 'user' || actor === 'plugin'
  return div(
    { id: `toast-${id}`, class: 'toast' },
    span(isUser ? summary : `${actorNames[actor]}: ${summary}`),
    undoable && !undone && undoForm(entry),
    close,
  )
}

/** Adds a toast that says what went wrong, wherever the answer that carries it would go. */
export function errorToast(text: Content): Html {
  const shown = div({ id: `toast-${randomUUID()}`, class: 'toast bad', role: 'alert' }, span(text), close)
  return hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, shown)
}

export function undoForm({ id, turn }: JournalEntry, wholeTurn = false): Html {
  const action = wholeTurn ? '/api/journal/undo-turn' : '/api/journal/undo'
  return form(
    { method: 'post', action, 'hx-post': action, 'hx-target': '#toasts', 'hx-swap': 'none' },
    wholeTurn ? hiddenInput('turn', turn) : hiddenInput('entry', id),
    button(wholeTurn ? 'Undo all of it' : 'Undo'),
  )
}

const close = button({ type: 'button', class: 'quiet', 'data-close': true, 'aria-label': 'Close' }, '×')
