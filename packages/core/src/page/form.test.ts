import { expect, test } from 'vitest'
import { defineAction } from '../action/action.ts'
import { t } from '../field/t.ts'
import { actionForm, messagePartials } from './form.ts'

const rename = defineAction('todo', 'rename', {
  effect: 'write',
  input: {
    id: t.integer(),
    title: t.text({ help: 'A few <words>.' }),
    done: t.bool(),
    level: t.pick(['low', 'high'], { default: 'high' }),
  },
  run: () => undefined,
})
const hostile = `"><script>alert('1')</script>`

test('a form posts to its action, with and without script', () => {
  const html = String(
    actionForm(rename, { id: 'edit', hidden: { id: 5 }, returnTo: '/todo?done=1&page=2', reset: true }),
  )
  expect(html).toContain('<form method="post" action="/api/todo/rename" hx-post="/api/todo/rename"')
  expect(html).toContain(' id="edit"')
  expect(html).toContain(' data-reset>')
  expect(html).toContain('<input type="hidden" name="id" value="5">')
  expect(html).toContain('<input type="hidden" name="_fields" value="title,done,level">')
  expect(html).toContain('<input type="hidden" name="_form" value="edit">')
  expect(html).toContain('<input type="hidden" name="_return" value="/todo?done=1&amp;page=2">')
  expect(html).toContain('<button>Rename</button>')
  expect(html).not.toContain('id="edit-id"')
})

test('every id that a control, a label or a description names is there, once', () => {
  const html = String(actionForm(rename, { id: 'edit' }))
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  const named = [...html.matchAll(/ (?:for|aria-describedby)="([^"]+)"/g)].flatMap(([, list = '']) =>
    list.split(' '),
  )
  expect(new Set(ids).size).toBe(ids.length)
  expect(named).toHaveLength(9)
  expect(ids).toEqual(expect.arrayContaining(named))
})

test('values are kept and escaped, and defaults stand in for what is missing', () => {
  const html = String(actionForm(rename, { id: 'edit', values: { title: hostile, done: true } }))
  expect(html).not.toContain('<script>')
  expect(html).toContain('value="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"')
  expect(html).toContain('A few &lt;words&gt;.')
  expect(html).toMatch(/name="done"[^>]* checked/)
  expect(html).toContain('<option value="high" selected>')
  expect(String(actionForm(rename, { id: 'edit', values: { level: 'low' } }))).toContain(
    '<option value="low" selected>',
  )
})

test('a message stands at its control, or at the form when its field is not shown', () => {
  const messages = { title: 'Title is <taken>.', id: 'Id is required.' }
  const html = String(actionForm(rename, { id: 'edit', only: ['title'], messages }))
  expect(html).toMatch(/name="title"[^>]* aria-invalid="true"/)
  expect(html).toContain('<p class="error" id="edit-title-error" role="alert">Title is &lt;taken&gt;.</p>')
  expect(html).toContain('<p class="error" id="edit-error" role="alert">Id is required.</p>')
})

test('a form that shows what the action does not have says so', () => {
  expect(() => actionForm(rename, { id: 'edit', only: ['name'] })).toThrow(
    expect.objectContaining({ code: 'LOCALAPP_DECLARATION', message: expect.stringContaining('name') }),
  )
})

test('a refusal fills the errors of a form and empties the others', () => {
  const messages = { title: `Not ${hostile}.`, id: 'Id is required.' }
  const partial = (id: string, text: string): string =>
    `<hx-partial hx-target="#${id}" hx-swap="innerHTML">${text}</hx-partial>`
  expect(String(messagePartials('edit', ['title', 'done'], messages))).toBe(
    partial('edit-title-error', 'Not &quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;.') +
      partial('edit-done-error', '') +
      partial('edit-error', 'Id is required.'),
  )
})
