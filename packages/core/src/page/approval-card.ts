import { button, dd, div, dl, dt, form, h2, p, section } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'

/** An action that waits for the user's word. */
export interface ApprovalCardOptions {
  readonly id: number
  /** What would be done, and to which record: 'Delete “Buy milk”'. */
  readonly title: string
  /** Who asks. */
  readonly actor: string
  /** The input, as the user reads it. */
  readonly fields: readonly { readonly label: string; readonly value: Content }[]
}

/** Asks the user to approve or reject an action. */
export function approvalCard({ id, title, actor, fields }: ApprovalCardOptions): Html {
  const address = `/-/approvals/${id}`
  const heading = `approval-${id}-title`
  const verdict = (value: 'approve' | 'reject', text: string): Html =>
    form(
      { method: 'post', action: address, 'hx-post': address, 'hx-target': '#toasts', 'hx-swap': 'none' },
      button({ name: 'verdict', value, class: value === 'reject' && 'quiet' }, text),
    )
  return section(
    { id: `approval-${id}`, class: 'card approval', 'aria-labelledby': heading },
    h2({ id: heading }, title),
    p(`${actor} asks for this. Nothing has been done yet.`),
    dl(fields.map(({ label, value }) => [dt(label), dd(value)])),
    div({ class: 'actions' }, verdict('approve', 'Approve'), verdict('reject', 'Reject')),
  )
}
