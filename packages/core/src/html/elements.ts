import type {
  AnchorAttributes,
  ButtonAttributes,
  Cell,
  FieldsetAttributes,
  FormAttributes,
  ImageAttributes,
  InputAttributes,
  LinkAttributes,
  MediaAttributes,
  MeterAttributes,
  OptionAttributes,
  SelectAttributes,
  Sized,
  SvgAttributes,
  TextareaAttributes,
  With,
} from './attributes.ts'
import { type ElementFunction, element, type VoidElementFunction, voidElement } from './element.ts'
import type { Html } from './html.ts'

// The document. Scripts and styles come from files of their own
export const html: ElementFunction = element('html')
export const head: ElementFunction = element('head')
export const title: ElementFunction = element('title')
export const meta: VoidElementFunction<With<Record<'name' | 'content' | 'charset' | 'media', string>>> =
  voidElement('meta')
export const link: VoidElementFunction<LinkAttributes> = voidElement('link')
export const script: VoidElementFunction<With<{ src: string; type: 'module'; async: true; defer: true }>> =
  voidElement('script', '</script>')
export const body: ElementFunction = element('body')

// Sections and headings
export const main: ElementFunction = element('main')
export const header: ElementFunction = element('header')
export const footer: ElementFunction = element('footer')
export const nav: ElementFunction = element('nav')
export const section: ElementFunction = element('section')
export const article: ElementFunction = element('article')
export const aside: ElementFunction = element('aside')
export const h1: ElementFunction = element('h1')
export const h2: ElementFunction = element('h2')
export const h3: ElementFunction = element('h3')
export const h4: ElementFunction = element('h4')
export const h5: ElementFunction = element('h5')
export const h6: ElementFunction = element('h6')

// Blocks
export const div: ElementFunction = element('div')
export const p: ElementFunction = element('p')
export const pre: ElementFunction = element('pre')
export const blockquote: ElementFunction = element('blockquote')
export const hr: VoidElementFunction = voidElement('hr')
export const figure: ElementFunction = element('figure')
export const figcaption: ElementFunction = element('figcaption')
export const ul: ElementFunction = element('ul')
export const ol: ElementFunction<With<{ start: number }>> = element('ol')
export const li: ElementFunction<With<{ value: number }>> = element('li')
export const dl: ElementFunction = element('dl')
export const dt: ElementFunction = element('dt')
export const dd: ElementFunction = element('dd')
export const details: ElementFunction<With<{ open: true; name: string }>> = element('details')
export const summary: ElementFunction = element('summary')
export const dialog: ElementFunction<With<{ open: true }>> = element('dialog')

// Text
export const a: ElementFunction<AnchorAttributes> = element('a')
export const span: ElementFunction = element('span')
export const strong: ElementFunction = element('strong')
export const em: ElementFunction = element('em')
export const small: ElementFunction = element('small')
export const code: ElementFunction = element('code')
export const kbd: ElementFunction = element('kbd')
export const mark: ElementFunction = element('mark')
export const time: ElementFunction<With<{ datetime: string }>> = element('time')
export const del: ElementFunction = element('del')
export const sub: ElementFunction = element('sub')
export const sup: ElementFunction = element('sup')
export const b: ElementFunction = element('b')
export const i: ElementFunction = element('i')
export const s: ElementFunction = element('s')
export const br: VoidElementFunction = voidElement('br')

// Media
export const img: (attributes: ImageAttributes) => Html = voidElement('img')
export const audio: ElementFunction<MediaAttributes> = element('audio')
export const video: ElementFunction<MediaAttributes> = element('video')
export const canvas: ElementFunction<With<Sized>> = element('canvas')

// Tables
export const table: ElementFunction = element('table')
export const caption: ElementFunction = element('caption')
export const thead: ElementFunction = element('thead')
export const tbody: ElementFunction = element('tbody')
export const tfoot: ElementFunction = element('tfoot')
export const tr: ElementFunction = element('tr')
export const th: ElementFunction<With<Cell & { scope: `${'row' | 'col'}${'' | 'group'}` }>> = element('th')
export const td: ElementFunction<With<Cell>> = element('td')

// Forms
export const form: ElementFunction<FormAttributes> = element('form')
export const label: ElementFunction<With<{ for: string }>> = element('label')
export const input: VoidElementFunction<InputAttributes> = voidElement('input')
export const button: ElementFunction<ButtonAttributes> = element('button')
export const select: ElementFunction<SelectAttributes> = element('select')
export const datalist: ElementFunction = element('datalist')
export const option: ElementFunction<OptionAttributes> = element('option')
export const textarea: ElementFunction<TextareaAttributes> = element('textarea')
export const fieldset: ElementFunction<FieldsetAttributes> = element('fieldset')
export const legend: ElementFunction = element('legend')
export const output: ElementFunction<With<{ for: string; name: string }>> = element('output')
export const progress: ElementFunction<MeterAttributes> = element('progress')
export const meter: ElementFunction<MeterAttributes> = element('meter')

// Drawings: `svgText` and `svgTitle` are the elements `text` and `title`
export const svg: ElementFunction<SvgAttributes> = element('svg')
export const g: ElementFunction<SvgAttributes> = element('g')
export const path: ElementFunction<SvgAttributes> = element('path')
export const line: ElementFunction<SvgAttributes> = element('line')
export const rect: ElementFunction<SvgAttributes> = element('rect')
export const circle: ElementFunction<SvgAttributes> = element('circle')
export const polyline: ElementFunction<SvgAttributes> = element('polyline')
export const svgText: ElementFunction<SvgAttributes> = element('text')
export const svgTitle: ElementFunction = element('title')

/** Goes to a place of its own: `hxPartial({ 'hx-target': '#toasts', 'hx-swap': 'beforeend' }, …)`. */
export const hxPartial: ElementFunction = element('hx-partial')
