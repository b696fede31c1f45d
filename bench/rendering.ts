import {
  a,
  button,
  details,
  div,
  form,
  type Html,
  input,
  p,
  raw,
  span,
  summary,
  td,
  time,
  tr,
} from '@localapp/core'
import { median } from './median.ts'
import { rowHtml, type TodoRow } from './servers/todo.ts'

const rows: readonly TodoRow[] = Array.from({ length: 1_000 }, (_, id) => ({
  id,
  title: `Task number ${id}${id % 10 === 0 ? ' & more' : ''}`,
  notes: `Some notes on ${id}`,
  done: id % 2 === 0 ? 1 : 0,
  due: '2026-11-23',
  priority: 'normal',
  tags: '["home","bench"]',
}))

/** A row of the list by element functions, with nothing prepared. */
function rowElement({ id, title, notes, done, due, priority, tags }: TodoRow): Html {
  const action = '/api/todo/update'
  const cell = (field: string, ...content: Html[] | string[]): Html =>
    td(
      details(
        { class: 'edit' },
        summary({ 'hx-get': `/todo/${id}?field=${field}` }, content),
        div({ 'hx-morph-skip-children': true }),
      ),
    )
  return tr(
    { id: `todo-${id}`, 'data-id': id },
    td(
      button(
        {
          type: 'button',
          class: 'quiet',
          'data-handle': true,
          'aria-label': 'Move: drag, or Alt and an arrow',
        },
        '⠿',
      ),
    ),
    cell('title', title),
    cell('notes', notes),
    td(
      form(
        {
          id: `tick-${id}-done`,
          method: 'post',
          action,
          'hx-post': action,
          'hx-target': '#toasts',
          'hx-swap': 'none',
        },
        input({ type: 'hidden', name: '_fields', value: 'done' }),
        input({ type: 'hidden', name: '_form', value: `tick-${id}-done` }),
        input({ type: 'hidden', name: 'id', value: id }),
        input({ type: 'hidden', name: 'done', value: String(done === 0) }),
        input({
          type: 'checkbox',
          checked: done === 1,
          'data-autosubmit': true,
          'aria-label': `Done: ${title}`,
        }),
        p({ class: 'error', id: `tick-${id}-done-error`, role: 'alert' }),
        raw('<noscript><button>Change</button></noscript>'),
      ),
    ),
    cell('due', ...(due === null ? [] : [time({ datetime: due }, due)])),
    cell('priority', span(priority)),
    cell('tags', ...(JSON.parse(tags) as string[]).map((tag) => span({ class: 'tag' }, tag))),
    td(
      a({ href: `/todo/${id}`, 'aria-label': `Open ${title}` }, 'Open'),
      ' ',
      button(
        { form: 'todo-delete', name: 'id', value: id, class: 'quiet', 'aria-label': `Delete ${title}` },
        'Delete',
      ),
    ),
  )
}

function byElements(): string {
  let html = ''
  for (const row of rows) html += String(rowElement(row))
  return html
}

function byConcatenation(): string {
  let html = ''
  for (const row of rows) html += rowHtml(row)
  return html
}

/** Milliseconds for 1,000 rows of the list by element functions and by concatenation, the same to the byte. */
export function renderingTimes(): { elements: number; concatenation: number } {
  if (byElements() !== byConcatenation()) throw new Error('The two renderings differ.')
  const elements: number[] = []
  const concatenation: number[] = []
  for (let round = 0; round < 150; round++) {
    elements.push(timeOf(byElements))
    concatenation.push(timeOf(byConcatenation))
  }
  return { elements: median(elements.slice(50)), concatenation: median(concatenation.slice(50)) }
}

/** A concatenated string is put together only when it is read, which sending it would do. */
function timeOf(work: () => string): number {
  const begun = performance.now()
  Buffer.byteLength(work())
  return performance.now() - begun
}
