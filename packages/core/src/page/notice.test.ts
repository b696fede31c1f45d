import { expect, test } from 'vitest'
import { defineAction } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { t } from '../field/t.ts'
import { approvalCard, errorToast, toast } from './notice.ts'

const entry: JournalEntry = {
  id: 7,
  createdAt: '2026-11-23T00:00:00.000Z',
  action: 'todo.create',
  plugin: 'todo',
  effect: 'write',
  actor: 'model',
  actorName: 'tiny',
  turn: 'one',
  state: 'done',
  input: {},
  output: null,
  summary: 'Added “<i>”',
  error: '',
  recordVersion: null,
  version: 1,
  updatedAt: '2026-11-23T00:00:00.000Z',
  undoable: true,
  undone: false,
}

test('a toast says who did what, and takes it back by a form', () => {
  const html = String(toast(entry))
  expect(html).toContain('<div id="toast-7" class="toast"><span>The assistant: Added “&lt;i&gt;”</span>')
  expect(html).toMatch(
    /<form method="post" action="\/api\/journal\/undo"[^>]*><input[^>]*name="entry" value="7">/,
  )
  expect(String(toast({ ...entry, actor: 'user' }))).toContain('<span>Added “&lt;i&gt;”</span>')
  expect(String(toast({ ...entry, undone: true }))).not.toContain('Undo')
  const failed = String(errorToast('No <way>.'))
  expect(failed).toMatch(/class="toast bad" role="alert"><span>No &lt;way&gt;\.</)
  expect(failed).not.toContain('Undo')
})

test('an approval card names the record, shows the input and asks for a verdict', () => {
  const remove = defineAction('todo', 'delete', {
    effect: 'destructive',
    input: { title: t.text({ label: 'Its title' }), note: t.text({ optional: true }) },
    run: () => undefined,
  })
  const input = { title: '<x>', note: null }
  const asked: JournalEntry = {
    ...entry,
    id: 3,
    state: 'asked',
    summary: 'Delete “<b>”',
    actorName: null,
    input,
  }
  const html = String(approvalCard(asked, remove))
  expect(html).toContain('Delete “&lt;b&gt;”</h2><p>The assistant asks for this.')
  expect(html).toContain('<dl><dt>Its title</dt><dd>&lt;x&gt;</dd></dl>')
  expect(html).toMatch(/action="\/api\/journal\/approve"[^>]*><input[^>]*name="approval" value="3">/)
  expect(html).toMatch(/action="\/api\/journal\/reject"[^>]*><input[^>]*name="approval" value="3">/)
  expect(String(approvalCard(asked, undefined))).toContain('<dl></dl>')
})
