import { expect, test } from 'vitest'
import { type Content, escapeHtml, fragment, Html, isHtml, raw } from './html.ts'

const refusal = (what: string): unknown =>
  expect.objectContaining({ code: 'LOCALAPP_HTML', message: expect.stringContaining(what) })

test('text is escaped, wherever its special characters stand', () => {
  expect(escapeHtml(`<b title="it's">&amp;</b>`)).toBe(
    '&lt;b title=&quot;it&#39;s&quot;&gt;&amp;amp;&lt;/b&gt;',
  )
  expect(escapeHtml('')).toBe('')
  expect(escapeHtml('plain 😀 text')).toBe('plain 😀 text')
})

test('content shows text, numbers and HTML, and nothing for booleans and gaps', () => {
  const content: Content = ['<', [0, [10n, raw('<br>')]], true, false, null, undefined, '']
  expect(String(fragment('a', content))).toBe('a&lt;010<br>')
})

test('what cannot be shown is refused by its type', () => {
  const show = (content: unknown): Html => fragment(content as Content)
  expect(() => show(Promise.resolve('late'))).toThrow(refusal('Promise'))
  expect(() => show(() => 'called')).toThrow(refusal('Function'))
  expect(() => show(new Date(0))).toThrow(refusal('Date'))
  expect(() => show([{ title: 'Buy milk' }])).toThrow(refusal('Object'))
  expect(() => show(Symbol('mark'))).toThrow(refusal('Symbol'))
})

test('no JSON can pose as HTML', () => {
  const posing: unknown = JSON.parse(JSON.stringify({ ...raw('<script>'), html: '<script>' }))
  expect(isHtml(posing)).toBe(false)
  expect(isHtml('<b>')).toBe(false)
  expect(isHtml(null)).toBe(false)
  expect(() => fragment([posing as Content])).toThrow(refusal('Object'))
  // @ts-expect-error A string is not HTML.
  const typed: Html = '<b>'
  expect(isHtml(typed)).toBe(false)
})

test('HTML of another copy of this package is HTML', async () => {
  const path = './html.ts?copy'
  const copy: typeof import('./html.ts') = await import(path)
  expect(copy.Html).not.toBe(Html)
  const theirs: unknown = copy.raw('<b>theirs</b>')
  expect(isHtml(theirs)).toBe(true)
  expect(String(fragment(theirs as Html))).toBe('<b>theirs</b>')
})
