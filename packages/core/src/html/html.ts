import { localappError } from '../error/error.ts'

/** The mark of HTML: JSON cannot hold a symbol, and every copy of this package finds the same one. */
const brand = Symbol.for('localapp.html')

/** HTML that may be sent as it stands: what element functions, {@link fragment} and {@link raw} return. */
export class Html {
  static {
    Object.defineProperty(Html.prototype, brand, { value: true })
  }
  private readonly html: string

  constructor(html: string) {
    this.html = html
  }

  toString(): string {
    return this.html
  }
}

/** What may stand inside an element. Text is escaped; booleans, `null` and `undefined` show nothing. */
export type Content = Html | string | number | bigint | boolean | null | undefined | readonly Content[]

/** Tells whether a value is {@link Html}, also of another copy of this package. */
export function isHtml(value: unknown): value is Html {
  return typeof value === 'object' && value !== null && brand in value
}

/** Takes a string as HTML: the only way round escaping. Never give it what a user, a record or a model wrote. */
export function raw(html: string): Html {
  return new Html(html)
}

/** Puts contents side by side, without an element around them. */
export function fragment(...children: Content[]): Html {
  return new Html(render(children))
}

const special = /[&<>"']/

/** Escapes text for the inside of an element and of a quoted attribute. */
export function escapeHtml(text: string): string {
  if (!special.test(text)) return text
  const inElement = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return inElement.replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}

/** Renders {@link Content} to a string; anything else throws `LOCALAPP_HTML`. */
export function render(content: unknown): string {
  if (typeof content === 'string') return escapeHtml(content)
  // The first is the quicker test.
  if (content instanceof Html || isHtml(content)) return content.toString()
  if (Array.isArray(content)) {
    let html = ''
    for (let i = 0; i < content.length; i++) html += render(content[i])
    return html
  }
  if (typeof content === 'number' || typeof content === 'bigint') return `${content}`
  if (content === undefined || content === null || typeof content === 'boolean') return ''
  const type = Object.prototype.toString.call(content).slice(8, -1)
  const fix = 'Await promises, call functions, turn the rest into text. Attributes are the first argument.'
  throw localappError('LOCALAPP_HTML', `A value of type ${type} cannot be shown in a page.`, fix)
}
