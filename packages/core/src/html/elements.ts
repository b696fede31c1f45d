import type { Attributes, Words } from './attributes.ts'
import { type ElementFunction, element, voidElement } from './element.ts'
import type { Html } from './html.ts'

// What is not here is made the same way: `const mark = element('mark')`.
function elements<Tags extends string>(tags: Tags) {
  const pairs = tags.split(' ').map((tag) => [tag, element(tag)])
  return Object.fromEntries(pairs) as Record<Words<Tags>, ElementFunction>
}

export const { html, head, title, body } = elements('html head title body')
export const { main, header, footer, nav, section, aside } = elements('main header footer nav section aside')
export const { h1, h2, h3, h4, p, pre, blockquote } = elements('h1 h2 h3 h4 p pre blockquote')
export const { div, ul, ol, li, dl, dt, dd } = elements('div ul ol li dl dt dd')
export const { details, summary, dialog, progress } = elements('details summary dialog progress')
export const { a, span, strong, em, small, code, time } = elements('a span strong em small code time')
export const { table, thead, tbody, tr, th, td } = elements('table thead tbody tr th td')
export const { form, label, button, select, option } = elements('form label button select option')
export const { textarea, fieldset, legend } = elements('textarea fieldset legend')
export const { svg, path, line, rect, text: svgText } = elements('svg path line rect text')
export const svgTitle = title

export const meta = voidElement('meta')
export const link = voidElement('link')
export const br = voidElement('br')
export const input = voidElement('input')
/** Its code comes from a file. */
export const script = voidElement('script', '</script>')
export const img: (attributes: Attributes & { readonly src: string; readonly alt: string }) => Html =
  voidElement('img')

/** Goes to a place of its own: `hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, …)`. */
export const hxPartial = element('hx-partial')
