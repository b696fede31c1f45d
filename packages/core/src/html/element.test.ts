import { expect, test } from 'vitest'
import type { ElementFunction } from './element.ts'
import {
  a,
  br,
  button,
  div,
  form,
  input,
  li,
  option,
  p,
  pre,
  script,
  td,
  textarea,
  tr,
  ul,
} from './elements.ts'
import { type Html, raw } from './html.ts'

/** An element function whose types are put aside, as a caller without types has it. */
type Untyped = (...parts: unknown[]) => Html
const untyped = (element: ElementFunction | typeof br | typeof input | typeof script): Untyped =>
  element as Untyped

const refusal = (what: string): unknown =>
  expect.objectContaining({ code: 'LOCALAPP_HTML', message: expect.stringContaining(what) })

test('an element holds attributes and escaped children', () => {
  const items = ['milk & bread', '<eggs>'].map((name) => li(name))
  expect(String(ul({ id: 'shopping' }, items))).toBe(
    '<ul id="shopping"><li>milk &amp; bread</li><li>&lt;eggs&gt;</li></ul>',
  )
  expect(String(p('It is ', 5, ' o’clock', raw('<wbr>')))).toBe('<p>It is 5 o’clock<wbr></p>')
  expect(String(div())).toBe('<div></div>')
  expect(String(div({}))).toBe('<div></div>')
  expect(String(tr(td({ colspan: 2 }), td(null), td(false)))).toBe(
    '<tr><td colspan="2"></td><td></td><td></td></tr>',
  )
})

test('an attribute is quoted and escaped, bare for true, and left out for nothing', () => {
  const hostile = `" onclick='x' <&>`
  for (let i = 0; i < 2; i++) {
    expect(String(input({ value: hostile, 'data-note': hostile, required: true, size: 3 }))).toBe(
      '<input value="&quot; onclick=&#39;x&#39; &lt;&amp;&gt;" data-note="&quot; onclick=&#39;x&#39; &lt;&amp;&gt;" required size="3">',
    )
  }
  expect(String(input({ checked: false, value: undefined, name: null, placeholder: '', size: 0 }))).toBe(
    '<input placeholder="" size="0">',
  )
})

test('an attribute with very many values keeps each of them', () => {
  const ids = Array.from({ length: 500 }, (_, i) => `row-<${i}>`)
  for (const id of [...ids, ...ids]) {
    expect(String(div({ id }))).toBe(`<div id="${id.replace('<', '&lt;').replace('>', '&gt;')}"></div>`)
  }
})

test('a class is text or a list with gaps', () => {
  expect(String(div({ class: ['row', false, null, undefined, '', 'done'] }))).toBe(
    '<div class="row done"></div>',
  )
  expect(String(div({ class: ['"'] }))).toBe('<div class="&quot;"></div>')
})

test('values for htmx are written as JSON', () => {
  const title = `it's "js:alert(1)", more:1`
  expect(String(button({ 'hx-vals': { title, done: true } }))).toBe(
    '<button hx-vals="{&quot;title&quot;:&quot;it&#39;s \\&quot;js:alert(1)\\&quot;, more:1&quot;,&quot;done&quot;:true}"></button>',
  )
})

test('a void element has no closing tag and takes no children', () => {
  expect(String(br())).toBe('<br>')
  expect(String(input({ name: 'title' }))).toBe('<input name="title">')
  expect(() => untyped(br)('text')).toThrow(refusal('<br>'))
  expect(() => untyped(input)({ name: 'title' }, 'text')).toThrow(refusal('<input>'))
  // @ts-expect-error A void element takes no children.
  expect(() => br('text')).toThrow(refusal('<br>'))
})

test('a script comes from a file, never from text', () => {
  expect(String(script({ src: '/-/client.js', type: 'module' }))).toBe(
    '<script src="/-/client.js" type="module"></script>',
  )
  expect(() => untyped(script)('alert(1)')).toThrow(refusal('<script>'))
  expect(() => untyped(script)({}, 'alert(1)')).toThrow(refusal('<script>'))
})

test('a parser gives the first line break of preformatted text back', () => {
  expect(String(textarea({ name: 'notes' }, '\nsecond line'))).toBe(
    '<textarea name="notes">\n\nsecond line</textarea>',
  )
  expect(String(pre('\n', 'x'))).toBe('<pre>\n\nx</pre>')
})

test.each(['', ' ', 'a b', 'a=b', 'a"b', "a'b", 'a>b', 'a/b', '<a', '1a', 'é', 'a\u0000', '@click'])(
  'the attribute name %j is refused',
  (name) => {
    expect(() => untyped(div)({ [name]: 'x' })).toThrow(refusal(JSON.stringify(name)))
  },
)

test.each(['style', 'srcdoc', 'onclick', 'ONLOAD', 'Style', 'hx-on:click', 'hx-on::load', 'data-hx-get'])(
  'the attribute %s is refused',
  (name) => {
    expect(() => untyped(div)({ [name]: 'x' })).toThrow(refusal(name))
    expect(() => untyped(div)({ [name]: true })).toThrow(refusal(name))
  },
)

test.each([
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  '\u0001java\nscr\tipt\r:alert(1)',
  'vbscript:x',
  'data:text/html,<script>alert(1)</script>',
  'DATA: text/html;base64,PHA+',
])('the address %j is refused, every time', (address) => {
  for (let i = 0; i < 2; i++) {
    expect(() => a({ href: address })).toThrow(refusal('href'))
    expect(() => input({ formaction: address })).toThrow(refusal('formaction'))
    expect(() => form({ action: address })).toThrow(refusal('action'))
    expect(() => script({ src: address })).toThrow(refusal('src'))
    expect(() => div({ 'hx-get': address })).toThrow(refusal('hx-get'))
    expect(() => untyped(div)({ HREF: address })).toThrow(refusal('HREF'))
  }
})

test('other addresses are left as they are', () => {
  for (const address of [
    '/a?b=javascript:',
    '#javascript:x',
    'https://example.org/',
    'mailto:a@example.org',
  ]) {
    expect(String(a({ href: address }))).toBe(`<a href="${address}"></a>`)
  }
  expect(String(option({ value: 'javascript:x' }))).toBe('<option value="javascript:x"></option>')
})

test.each([[Symbol('mark')], [() => 1], [new Date(0)], [raw('x')], [['a']], [{ a: 1 }]])(
  'the value %o of an attribute is refused',
  (value) => {
    expect(() => untyped(div)({ id: value })).toThrow(refusal('id'))
  },
)
