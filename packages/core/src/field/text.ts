import { a } from '../html/elements.ts'
import { bad, defineKind, good, isLine, readText } from './kind.ts'

/** One line of text, at most 1,000 characters unless `max` says otherwise. */
export const text = defineKind<string, 'min' | 'max' | 'search' | 'index'>({
  name: 'text',
  max: 1_000,
  read: readText(isLine, 'one line of text'),
  input: { type: 'text' },
})

/** Text of many lines, empty by default; at most 100,000 characters unless `max` says otherwise. */
export const longText = lines('longText')

/** As `longText`, written in Markdown. */
export const markdown = lines('markdown')

/** The address of a web page, http or https. */
export const url = defineKind<string, 'search' | 'index'>({
  name: 'url',
  max: 2_000,
  schema: { type: 'string', format: 'uri' },
  read: readText(
    (text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text),
    'a web address like https://example.org',
  ),
  input: { type: 'url' },
  cell: (href) => a({ href, rel: 'noreferrer' }, shorten(href)),
})

/** An email address. */
export const email = defineKind<string, 'search' | 'index'>({
  name: 'email',
  max: 254,
  schema: { type: 'string', format: 'email' },
  read: readText(
    (text) => /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/.test(text),
    'an email address like ann@example.org',
  ),
  input: { type: 'email' },
  cell: (to) => a({ href: `mailto:${to.split('@').map(encodeURIComponent).join('@')}` }, to),
})

function lines(name: string) {
  return defineKind<string, 'min' | 'max' | 'search', 'defaulted'>({
    name,
    empty: '',
    multiline: true,
    max: 100_000,
    read: (raw, _source, label) =>
      typeof raw === 'string' ? good(raw.replace(/\r\n?/g, '\n')) : bad(`${label} must be text.`),
    cell: shorten,
  })
}

function shorten(text: string) {
  const whole = text.trim()
  const [first = ''] = whole.slice(0, 320).split('\n', 1)
  const start = [...first].slice(0, 80).join('')
  return start === whole ? start : `${start}…`
}
