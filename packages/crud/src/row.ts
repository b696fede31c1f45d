import {
  a,
  button,
  type Content,
  callForm,
  details,
  div,
  type Field,
  type Fields,
  input,
  labelOf,
  p,
  raw,
  span,
  summary,
  td,
  tr,
} from '@localapp/core'
import { nameOf } from './actions.ts'
import type { Listed } from './query.ts'

/** Makes the rows of a list. All that rows have in common is rendered once. */
export function rowMaker(plugin: string, fields: Fields, isManual: boolean) {
  const cells = Object.entries(fields).map(([name, field]) => cellMaker(plugin, name, field))
  return (record: Listed) => {
    const { id } = record
    const name = nameOf(fields, record)
    return tr(
      { id: `${plugin}-${id}`, 'data-id': id },
      isManual && handle,
      cells.map((cell) => cell(record, name)),
      td(
        a({ href: `/${plugin}/${id}`, 'aria-label': `Open ${name}` }, 'Open'),
        ' ',
        button(
          { form: `${plugin}-delete`, name: 'id', value: id, class: 'quiet', 'aria-label': `Delete ${name}` },
          'Delete',
        ),
      ),
    )
  }
}

const handle = td(
  button(
    { type: 'button', class: 'quiet', 'data-handle': true, 'aria-label': 'Move: drag, or Alt and an arrow' },
    '⠿',
  ),
)
const nothing = span({ class: 'help' }, '–')
/** Filled when the cell is opened. A refresh of the list leaves it alone, so that nothing typed is lost. */
const editor = div({ 'hx-morph-skip-children': true })
const noScript = raw('<noscript><button>Change</button></noscript>')

function cellMaker(plugin: string, name: string, field: Field) {
  if (field.kind === 'bool') return tickMaker(plugin, name, labelOf(name, field))
  return ({ id, [name]: value }: Listed) =>
    td(
      details(
        { class: 'edit' },
        summary({ 'hx-get': `/${plugin}/${id}?field=${name}` }, shown(field.cell(value))),
        editor,
      ),
    )
}

function shown(cell: Content) {
  return cell === '' || (Array.isArray(cell) && cell.length === 0) ? nothing : cell
}

/** A box that sends what it shows as soon as it is clicked. */
function tickMaker(plugin: string, name: string, text: string) {
  return ({ id, [name]: value }: Listed, title: string) => {
    const formId = `tick-${id}-${name}`
    return td(
      callForm(
        `${plugin}.update`,
        { id: formId, 'hx-sync': 'queue last' },
        { _fields: name, _form: formId, id },
        input({
          type: 'checkbox',
          name,
          value: 'true',
          checked: value === true,
          'data-autosubmit': true,
          'aria-label': `${text}: ${title}`,
        }),
        // A refusal names this field, or another that the form does not show.
        [`${formId}-${name}-error`, `${formId}-error`].map((id) => p({ class: 'error', id, role: 'alert' })),
        noScript,
      ),
    )
  }
}
