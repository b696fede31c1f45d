import { expect, test } from 'vitest'
import { defineAction } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { t } from '../field/t.ts'
import { em, h1, p, time } from '../html/elements.ts'
import { fragment } from '../html/html.ts'
import { approvalCard } from './approval-card.ts'
import { type ShellOptions, shell } from './shell.ts'
import { errorToast, toast } from './toast.ts'

const options: ShellOptions = {
  appTitle: 'Home & co',
  menu: [
    { title: 'To-do', href: '/todo' },
    { title: 'To-do 2', href: '/todo2' },
  ],
  path: '/todo/7',
  content: p('Hello'),
  header: [],
  panel: [],
  approvals: null,
  toasts: null,
  version: '1 2',
  since: 7,
}

test('a page is a document with its assets, its menu and its content', () => {
  const html = String(shell(options))
  expect(html).toMatch(/^<!doctype html><html lang="en"><head>/)
  expect(html).toContain('<title>To-do · Home &amp; co</title>')
  expect(html).toContain('<script src="/-/assets/client.js?v=1%202" type="module"></script>')
  expect(html).toContain('<a href="/todo" aria-current="page">To-do</a><a href="/todo2">To-do 2</a>')
  expect(html).toContain('<main id="main" tabindex="-1"><p>Hello</p></main>')
  expect(html).toContain('<body data-since="7">')
  expect(html).not.toContain('id="panel')
})

test.each([
  [
    'its first heading, escaped once',
    [h1({ id: 'a' }, 'A <b>', em(' & c')), h1('D')],
    'A &lt;b&gt; &amp; c · Home &amp; co',
  ],
  ['the app, where its heading says the same', [h1('Home & co')], 'Home &amp; co'],
  ['the menu, where it has no heading', [h1(), p('<h1>x</h1>')], 'To-do · Home &amp; co'],
])('a page has its title from %s', (_where, content, title) => {
  expect(String(shell({ ...options, content: fragment(content) }))).toContain(`<title>${title}</title>`)
})

test('a page that is not in the menu and has no heading has the title of the app', () => {
  expect(String(shell({ ...options, path: '/other' }))).toContain('<title>Home &amp; co</title>')
})

test('a page has what stands in the header, and a panel when there is one', () => {
  const panel = [
    { title: 'Helper', content: 'Ask ' },
    { title: 'Other', content: 'me' },
  ]
  const header = [{ title: 'Clock', content: time('12:00') }]
  const html = String(shell({ ...options, header, panel }))
  expect(html).toMatch(/<header>.*<\/nav><time>12:00<\/time><button/)
  expect(html).toContain('<aside id="panel" aria-label="Helper">Ask me</aside>')
  expect(html).toContain('aria-controls="panel"')
})

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
