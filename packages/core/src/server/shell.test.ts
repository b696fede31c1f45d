import { expect, test } from 'vitest'
import { em, h1, p, time } from '../html/elements.ts'
import { fragment } from '../html/html.ts'
import type { SharedHandle } from '../plugin/host.ts'
import { type Sides, shell } from './shell.ts'

const menu = [
  { title: 'To-do', href: '/todo' },
  { title: 'To-do 2', href: '/todo2' },
]
const app = { title: 'Home & co', menu: () => menu } as unknown as SharedHandle

function rendered(content = fragment(p('Hello')), path = '/todo/7', sides: Partial<Sides> = {}): string {
  return String(
    shell(app, path, content, { header: [], panel: [], approvals: null, toast: null, since: 7, ...sides }),
  )
}

test('a page is a document with its assets, its menu and its content', () => {
  const html = rendered()
  expect(html).toMatch(/^<!doctype html><html lang="en"><head>/)
  expect(html).toContain('<title>To-do · Home &amp; co</title>')
  expect(html).toMatch(/<script src="\/-\/assets\/client\.js\?v=\d+\.\d+\.\d+[^"]*" type="module"><\/script>/)
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
  expect(rendered(fragment(content))).toContain(`<title>${title}</title>`)
})

test('a page that is not in the menu and has no heading has the title of the app', () => {
  expect(rendered(undefined, '/other')).toContain('<title>Home &amp; co</title>')
})

test('a page has what stands in the header, and a panel when there is one', () => {
  const panel = [
    { title: 'Helper', content: 'Ask ' },
    { title: 'Other', content: 'me' },
  ]
  const header = [{ title: 'Clock', content: time('12:00') }]
  const html = rendered(undefined, '/todo', { header, panel })
  expect(html).toMatch(/<header>.*<\/nav><time>12:00<\/time><button/)
  expect(html).toContain('<aside id="panel" aria-label="Helper">Ask me</aside>')
  expect(html).toContain('aria-controls="panel"')
})
