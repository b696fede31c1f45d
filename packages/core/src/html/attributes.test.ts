import { expect, expectTypeOf, test } from 'vitest'
import type { Attributes, Swap } from './attributes.ts'
import { a, button, details, div, form, img, input, rect, th } from './elements.ts'
import type { Html } from './html.ts'

test('attributes are checked by name and by value', () => {
  const done = Math.random() > 2
  const elements: Html[] = [
    div({ 'data-topics': 'todo', 'aria-label': 'Tasks', class: ['row', done && 'done'], hidden: done }),
    input({ type: 'checkbox', name: 'done', checked: done, 'aria-invalid': done && 'true' }),
    th({ scope: 'col' }, 'Title'),
    details({ open: true }),
    rect({ x: 0, y1: 1, 'stroke-width': 2, fill: 'currentColor' }),
    // @ts-expect-error Not an attribute of a link.
    a({ hreff: '/' }),
    // @ts-expect-error Not a scope of a cell.
    th({ scope: 'rows' }),
    // @ts-expect-error ARIA has text where HTML has a bare name.
    div({ 'aria-expanded': true }),
    // @ts-expect-error An image says what it shows.
    img({ src: '/cat.png' }),
    // @ts-expect-error Not a method of forms.
    form({ method: 'put' }),
  ]
  expect(elements.join('')).toContain('<div data-topics="todo" aria-label="Tasks" class="row">')
  expectTypeOf<'style' | 'srcdoc' | 'onclick' | 'hx-on'>().not.toExtend<keyof Attributes>()
  expectTypeOf<Attributes['min']>().toEqualTypeOf<string | number | false | null | undefined>()
})

test('htmx attributes are those of version 4', () => {
  const elements: Html[] = [
    form({
      'hx-post': '/api/todo/create',
      'hx-swap': 'outerMorph swap:10ms scroll:top',
      'hx-status:422': 'target:#errors swap:innerHTML',
      'hx-status:5xx:inherited': 'swap:none',
      'hx-target:inherited': 'closest tr',
      'hx-include:inherited:append': '#more',
      'hx-swap:inherited': 'innerHTML',
      'hx-headers': { accept: 'text/html' },
      'hx-sync': 'closest form:replace',
      'hx-trigger': 'input changed delay:300ms, search',
      'hx-swap-oob': true,
    }),
    // @ts-expect-error Misspelt.
    div({ 'hx-psot': '/' }),
    // @ts-expect-error Misspelt.
    div({ 'hx-swap': 'innerHtml' }),
    // @ts-expect-error Not a modifier.
    div({ 'hx-swap': 'innerHTML swap' }),
    // @ts-expect-error Misspelt, below an element that hands it down.
    div({ 'hx-swap:inherited': 'innerHtml' }),
    // @ts-expect-error A modifier that htmx does not have.
    div({ 'hx-target:inherit': '#main' }),
    // @ts-expect-error Gone in version 4.
    div({ 'hx-ext': 'sse' }),
    // @ts-expect-error Not a status.
    div({ 'hx-status:error': 'swap:none' }),
    // @ts-expect-error Not a rule for a status.
    div({ 'hx-status:422': '#errors' }),
    // @ts-expect-error Text could be a script, so values are an object.
    div({ 'hx-vals': 'js:{}' }),
    // @ts-expect-error htmx wants the text.
    button({ 'hx-boost': true }),
  ]
  expect(elements[0]?.toString()).toContain(' hx-status:422="target:#errors swap:innerHTML"')
  // @ts-expect-error A script in an attribute.
  expect(() => div({ 'hx-on:click': 'alert(1)' })).toThrow('hx-on:click')
  expectTypeOf<'beforeend' | 'none' | 'outerSync transition:true target:#list'>().toExtend<Swap>()
})
