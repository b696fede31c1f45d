import { expect, test } from 'vitest'
import { renderMarkdown } from './markdown.ts'

test('Markdown becomes HTML', () => {
  const html = String(renderMarkdown('# Hi\n\n**bold** and `code`\n\n- one'))
  expect(html).toContain('<h1>Hi</h1>')
  expect(html).toContain('<strong>bold</strong> and <code>code</code>')
  expect(html).toContain('<li>one</li>')
})

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '![a](https://evil.example/?leak=1)',
  '![a][b]\n\n[b]: https://evil.example/x.png',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](java&#115;cript:alert(1))',
  '[a](data:text/html,<script>alert(1)</script>)',
  '[a](vbscript:x)',
  '[a](/api/journal/approve)',
  '[a](//evil.example)',
  '<javascript:alert(1)>',
  '<div hx-get="/api/todo/delete" hx-trigger="load">x</div>',
  '<hx-partial hx-target="#toasts">x</hx-partial>',
  '<form action="/api/todo/delete"><button>x</button></form>',
  '[a](https://x.example "\\" onmouseover=\\"alert(1)")',
  '```"><script>alert(1)</script>\nx\n```',
])('%s is inert', (attack) => {
  // An image becomes a link, which loads nothing. What stands between quotes or as text is no tag and no attribute.
  const tags = String(renderMarkdown(attack)).match(/<[^>]*>/g) ?? []
  for (const tag of tags) {
    expect(tag).toMatch(
      /^<\/?(p|pre|code|strong|em|a)( (class="language-[^"]*"|href="https:\/\/(x|evil)\.example[^"]*"|title="[^"]*"|rel="noopener noreferrer"|target="_blank"))*>$/,
    )
  }
})

test('links lead to the web or to mail, and tell nothing', () => {
  const html = String(renderMarkdown('[a](https://x.example/) <mailto:a@b.example>'))
  expect(html).toContain('<a href="https://x.example/" rel="noopener noreferrer" target="_blank">a</a>')
  expect(html).toContain('href="mailto:a@b.example"')
})
