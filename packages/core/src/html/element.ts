import { localappError } from '../error/error.ts'
import type { Attributes } from './attributes.ts'
import { type Content, escapeHtml, Html, render } from './html.ts'

/** An element with children: `p('Hello')`, `p({ class: 'note' }, 'Hello')`. */
export interface ElementFunction {
  (...children: Content[]): Html
  // Stands last, because TypeScript reports what is wrong with the last overload.
  (attributes: Attributes, ...children: Content[]): Html
}

/** An element without children: `br()`, `input({ name: 'title' })`. */
export type VoidElementFunction = (attributes?: Attributes) => Html

/**
 * Makes the function of an element, as for one that is not among those exported: `const mark = element('mark')`.
 * It builds its string at once: there is no tree to allocate and walk.
 */
export function element(tag: string): ElementFunction {
  const start = `<${tag}`
  // A parser drops a line break that follows the opening tag of these two.
  const startEnd = tag === 'pre' || tag === 'textarea' ? '>\n' : '>'
  const opened = start + startEnd
  const end = `</${tag}>`
  return (first?: Content | Attributes, ...rest: Content[]) => {
    let html = isPlain(first) ? withAttributes(start, first) + startEnd : opened + render(first)
    for (let i = 0; i < rest.length; i++) html += render(rest[i])
    return new Html(html + end)
  }
}

/** Makes the function of an element without children; `end` is its closing tag, where it has one. */
export function voidElement(tag: string, end = ''): VoidElementFunction {
  const start = `<${tag}`
  return (attributes?: Attributes, ...children: never[]) => {
    if (attributes === undefined) return new Html(`${start}>${end}`)
    if (isPlain(attributes) && children.length === 0) {
      return new Html(`${withAttributes(start, attributes)}>${end}`)
    }
    throw refusal(`<${tag}> cannot hold content.`, 'Give it attributes alone.')
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function withAttributes(start: string, attributes: Readonly<Record<string, unknown>>) {
  let html = start
  for (const key in attributes) {
    const value = attributes[key]
    if (value === undefined || value === null || value === false) continue
    const name = names.get(key) ?? learn(key)
    if (typeof value === 'string') html += name.rendered?.get(value) ?? renderText(name, value)
    else if (value === true) html += ` ${key}`
    else if (typeof value === 'number') html += `${name.start}${value}"`
    else html += renderText(name, textOf(key, value))
  }
  return html
}

interface Name {
  readonly start: string
  readonly isUrl: boolean
  /** Few names have more than a few values: those are rendered once, the others give up remembering. */
  rendered: Map<string, string> | undefined
}

/** The names that were found to be sound: there are few, so each is checked once. */
const names = new Map<string, Name>()

const url = /^(href|src|action|formaction|xlink:href|hx-(get|post|put|patch|delete|query|action)(:.*)?)$/i
const script = /^(javascript:|vbscript:|js:|data:text\/html)/i

function learn(key: string): Name {
  if (!/^[a-z_][\w:.-]*$/i.test(key)) {
    throw refusal(`${JSON.stringify(key)} is no name of an attribute.`, 'Take letters, digits and hyphens.')
  }
  // The page's security policy blocks these; `data-hx-` is a second spelling of htmx's names.
  if (/^(on|style$|srcdoc$|hx-on|data-hx-)/i.test(key)) {
    throw refusal(`The attribute ${key} is refused.`, 'Use a class, an hx- attribute or a script file.')
  }
  const name = { start: ` ${key}="`, isUrl: url.test(key), rendered: new Map<string, string>() }
  if (names.size < 2_000) names.set(key, name)
  return name
}

function renderText(name: Name, value: string) {
  // Browsers skip control characters and white space in a scheme.
  if (name.isUrl && value.includes(':') && script.test(value.replace(/[\p{Cc}\s]/gu, ''))) {
    throw refusal(`The address${name.start}${value}" would run a script.`, 'Link to a page.')
  }
  const html = `${name.start}${escapeHtml(value)}"`
  if (name.rendered && name.rendered.size < 100) {
    // Reading a character makes one piece of what was put together, here instead of in every page.
    html.charCodeAt(0)
    name.rendered.set(value, html)
  } else name.rendered = undefined
  return html
}

/** A class may be a list with gaps; an object is JSON for htmx. */
function textOf(key: string, value: unknown) {
  if (key === 'class' && Array.isArray(value)) return value.filter((name) => name).join(' ')
  if (key.startsWith('hx-') && isPlain(value)) return JSON.stringify(value)
  throw refusal(
    `The attribute ${key} has a value of type ${typeof value}.`,
    'Give it text, a number or true.',
  )
}

function refusal(what: string, fix: string): Error {
  return localappError('LOCALAPP_HTML', what, fix)
}
