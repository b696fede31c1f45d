import { expect, test } from 'vitest'
import { p } from '../html/elements.ts'
import { approvalCard } from './approval-card.ts'
import { regionMarkup } from './region.ts'
import { type ShellOptions, shell } from './shell.ts'
import { toast } from './toast.ts'

const options: ShellOptions = {
  title: 'A <b>',
  appTitle: 'Home & co',
  menu: [
    { title: 'To-do', href: '/todo', current: true },
    { title: 'Notes', href: '/notes', current: false },
  ],
  theme: undefined,
  content: p('Hello'),
  approvals: null,
  toasts: null,
  version: '1 2',
  since: 7,
}

test('a page is a document with its assets, its menu and its content', () => {
  const html = String(shell(options))
  expect(html).toMatch(/^<!doctype html><html lang="en"><head>/)
  expect(html).toContain('<title>A &lt;b&gt; · Home &amp; co</title>')
  expect(html).toContain('<script src="/-/assets/client.js?v=1%202" type="module"></script>')
  expect(html).toContain('<a href="/todo" aria-current="page">To-do</a><a href="/notes">Notes</a>')
  expect(html).toContain('<main id="main" tabindex="-1"><p>Hello</p></main>')
  expect(html).toContain('<body data-since="7">')
  expect(html).not.toContain('id="panel')
})

test('a page has the theme that was chosen, and a panel when there is one', () => {
  const html = String(shell({ ...options, theme: 'dark', panel: { title: 'Helper', content: 'Ask me' } }))
  expect(html).toContain('<html lang="en" data-theme="dark">')
  expect(html).toContain('<aside id="panel" aria-label="Helper">Ask me</aside>')
  expect(html).toContain('aria-controls="panel"')
})

test('a toast says what was done and takes it back by a form', () => {
  const html = String(toast({ id: 'toast-1', text: 'Added “<i>”', undo: 0 }))
  expect(html).toContain('<div id="toast-1" class="toast"><span>Added “&lt;i&gt;”</span>')
  expect(html).toMatch(
    /<form method="post" action="\/api\/journal\/undo"[^>]*><input[^>]*name="entry" value="0">/,
  )
  const failed = String(toast({ id: 'toast-2', text: 'No.', error: true }))
  expect(failed).toContain('class="toast bad" role="alert"')
  expect(failed).not.toContain('Undo')
})

test('an approval card names the record, shows the input and asks for a verdict', () => {
  const fields = [{ label: 'Title', value: '<x>' }]
  const html = String(approvalCard({ id: 3, title: 'Delete “<b>”', actor: 'The assistant', fields }))
  expect(html).toContain('Delete “&lt;b&gt;”</h2>')
  expect(html).toContain('<dt>Title</dt><dd>&lt;x&gt;</dd>')
  expect(html).toMatch(/action="\/-\/approvals\/3"[^>]*><button name="verdict" value="approve">/)
  expect(html).toMatch(/action="\/-\/approvals\/3"[^>]*><button name="verdict" value="reject"/)
})

test('a region names its topics', () => {
  expect(String(regionMarkup('todos', ['todo', 'tags'], '<'))).toBe(
    '<div id="todos" data-topics="todo tags">&lt;</div>',
  )
})
