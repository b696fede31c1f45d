import type { Attributes } from './attributes.ts'
import { type ElementFunction, element, type VoidElementFunction, voidElement } from './element.ts'
import type { Html } from './html.ts'

// What is not here is made the same way: `const mark = element('mark')`.

// The document. Scripts and styles come from files of their own
export const html: ElementFunction = element('html')
export const head: ElementFunction = element('head')
export const title: ElementFunction = element('title')
export const meta: VoidElementFunction = voidElement('meta')
export const link: VoidElementFunction = voidElement('link')
export const script: VoidElementFunction = voidElement('script', '</script>')
export const body: ElementFunction = element('body')

// Sections and headings
export const main: ElementFunction = element('main')
export const header: ElementFunction = element('header')
export const footer: ElementFunction = element('footer')
export const nav: ElementFunction = element('nav')
export const section: ElementFunction = element('section')
export const aside: ElementFunction = element('aside')
export const h1: ElementFunction = element('h1')
export const h2: ElementFunction = element('h2')
export const h3: ElementFunction = element('h3')
export const h4: ElementFunction = element('h4')

// Blocks
export const div: ElementFunction = element('div')
export const p: ElementFunction = element('p')
export const pre: ElementFunction = element('pre')
export const blockquote: ElementFunction = element('blockquote')
export const ul: ElementFunction = element('ul')
export const ol: ElementFunction = element('ol')
export const li: ElementFunction = element('li')
export const dl: ElementFunction = element('dl')
export const dt: ElementFunction = element('dt')
export const dd: ElementFunction = element('dd')
export const details: ElementFunction = element('details')
export const summary: ElementFunction = element('summary')
export const dialog: ElementFunction = element('dialog')

// Text
export const a: ElementFunction = element('a')
export const span: ElementFunction = element('span')
export const strong: ElementFunction = element('strong')
export const em: ElementFunction = element('em')
export const small: ElementFunction = element('small')
export const code: ElementFunction = element('code')
export const time: ElementFunction = element('time')
export const br: VoidElementFunction = voidElement('br')

// Media
export const img: (attributes: Attributes & { readonly src: string; readonly alt: string }) => Html =
  voidElement('img')

// Tables
export const table: ElementFunction = element('table')
export const thead: ElementFunction = element('thead')
export const tbody: ElementFunction = element('tbody')
export const tr: ElementFunction = element('tr')
export const th: ElementFunction = element('th')
export const td: ElementFunction = element('td')

// Forms
export const form: ElementFunction = element('form')
export const label: ElementFunction = element('label')
export const input: VoidElementFunction = voidElement('input')
export const button: ElementFunction = element('button')
export const select: ElementFunction = element('select')
export const option: ElementFunction = element('option')
export const textarea: ElementFunction = element('textarea')
export const fieldset: ElementFunction = element('fieldset')
export const legend: ElementFunction = element('legend')
export const progress: ElementFunction = element('progress')

// Drawings: `svgText` and `svgTitle` are the elements `text` and `title`
export const svg: ElementFunction = element('svg')
export const path: ElementFunction = element('path')
export const line: ElementFunction = element('line')
export const rect: ElementFunction = element('rect')
export const svgText: ElementFunction = element('text')
export const svgTitle: ElementFunction = element('title')

/** Goes to a place of its own: `hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, …)`. */
export const hxPartial: ElementFunction = element('hx-partial')
