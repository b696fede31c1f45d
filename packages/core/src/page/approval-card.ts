import { type Action, actorNames } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { labelOf } from '../field/field.ts'
import { dd, div, dl, dt, h2, p, section } from '../html/elements.ts'
import { actionButton } from './form.ts'

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
