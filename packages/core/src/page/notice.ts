import { type Action, actorNames } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { labelOf } from '../field/field.ts'
import { button, dd, div, dl, dt, h2, hxPartial, p, section, span } from '../html/elements.ts'
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
  const shown = div({ class: 'toast bad', role: 'alert' }, span(text), close)
  return hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, shown)
}

const close = button({ type: 'button', class: 'quiet', 'data-close': true, 'aria-label': 'Close' }, '×')

export function approvalCard(entry: JournalEntry, action: Action | undefined) {
  const { id, summary, actor, actorName, input } = entry
  const heading = `approval-${id}-title`
  // The heading names the record, which its number does not.
  const named = action?.record ? ['id', 'version'] : []
  return section(
    { id: `approval-${id}`, class: 'card approval', 'aria-labelledby': heading },
    h2({ id: heading }, summary),
    p(`${actorName ?? actorNames[actor]} asks for this. Nothing has been done yet.`),
    dl(
      Object.entries(input as object).map(([name, value]) => {
        const field = named.includes(name) ? undefined : action?.input[name]
        return field && value !== null && [dt(labelOf(name, field)), dd(field.cell(value))]
      }),
    ),
    div(
      { class: 'actions' },
      actionButton('journal.approve', { approval: id }, 'Approve'),
      actionButton('journal.reject', { approval: id }, 'Reject', 'quiet'),
    ),
  )
}
