import { type Action, actorNames } from '../action/action.ts'
import type { Approval } from '../action/approval.ts'
import { labelOf } from '../field/field.ts'
import { button, dd, div, dl, dt, form, h2, p, section } from '../html/elements.ts'
import type { Html } from '../html/html.ts'

export function approvalCard(approval: Approval, action: Action | undefined): Html {
  const { id, title, actor, actorName, input } = approval
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
    p(`${actorName ?? actorNames[actor]} asks for this. Nothing has been done yet.`),
    dl(
      Object.entries(input as object).map(([name, value]) => {
        const field = action?.input[name]
        return field && value !== null && [dt(labelOf(name, field)), dd(field.cell(value))]
      }),
    ),
    div({ class: 'actions' }, verdict('approve', 'Approve'), verdict('reject', 'Reject')),
  )
}
