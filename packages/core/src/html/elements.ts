import type { Attributes } from './attributes.ts'
import { element, voidElement } from './element.ts'
import type { Html } from './html.ts'

// What is not here is made the same way: `const mark = element('mark')`.

// The document. Scripts and styles come from files of their own
export const html = element('html')
export const head = element('head')
export const title = element('title')
export const meta = voidElement('meta')
export const link = voidElement('link')
export const script = voidElement('script', '</script>')
export const body = element('body')

// Sections and headings
export const main = element('main')
export const header = element('header')
export const footer = element('footer')
export const nav = element('nav')
export const section = element('section')
export const aside = element('aside')
export const h1 = element('h1')
export const h2 = element('h2')
export const h3 = element('h3')
export const h4 = element('h4')

// Blocks
export const div = element('div')
export const p = element('p')
export const pre = element('pre')
export const blockquote = element('blockquote')
export const ul = element('ul')
export const ol = element('ol')
export const li = element('li')
export const dl = element('dl')
export const dt = element('dt')
export const dd = element('dd')
export const details = element('details')
export const summary = element('summary')
export const dialog = element('dialog')

// Text
export const a = element('a')
export const span = element('span')
export const strong = element('strong')
export const em = element('em')
export const small = element('small')
export const code = element('code')
export const time = element('time')
export const br = voidElement('br')

// Media
export const img: (attributes: Attributes & { readonly src: string; readonly alt: string }) => Html =
  voidElement('img')

// Tables
export const table = element('table')
export const thead = element('thead')
export const tbody = element('tbody')
export const tr = element('tr')
export const th = element('th')
export const td = element('td')

// Forms
export const form = element('form')
export const label = element('label')
export const input = voidElement('input')
export const button = element('button')
export const select = element('select')
export const option = element('option')
export const textarea = element('textarea')
export const fieldset = element('fieldset')
export const legend = element('legend')
export const progress = element('progress')

// Drawings: `svgText` and `svgTitle` are the elements `text` and `title`
export const svg = element('svg')
export const path = element('path')
export const line = element('line')
export const rect = element('rect')
export const svgText = element('text')
export const svgTitle = element('title')

/** Goes to a place of its own: `hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, …)`. */
export const hxPartial = element('hx-partial')
