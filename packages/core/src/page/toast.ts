import { randomUUID } from 'node:crypto'
import { button, div, form, hxPartial, span } from '../html/elements.ts'
import type { Html } from '../html/html.ts'
import { hiddenInput } from './form.ts'

/** What a toast says. */
export interface ToastOptions {
  /** Unique in the page. */
  readonly id: string
  readonly text: string
  /** The journal entry that its button takes back. */
  readonly undo?: number | undefined
  /** Says that something went wrong. Default false. */
  readonly error?: boolean | undefined
}

/** A short notice that goes away by itself. */
export function toast({ id, text, undo, error }: ToastOptions): Html {
  const action = '/api/journal/undo'
  return div(
    { id, class: ['toast', error && 'bad'], role: error && 'alert' },
    span(text),
    undo !== undefined &&
      form(
        { method: 'post', action, 'hx-post': action, 'hx-target': '#toasts', 'hx-swap': 'none' },
        hiddenInput('entry', undo),
        button('Undo'),
      ),
    button({ type: 'button', class: 'quiet', 'data-close': true, 'aria-label': 'Close' }, '×'),
  )
}

/** Adds a toast that says what went wrong, wherever the answer that carries it would go. */
export function errorToast(text: string): Html {
  const shown = toast({ id: `toast-${randomUUID()}`, text, error: true })
  return hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, shown)
}
