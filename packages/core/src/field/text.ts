import { a, textarea } from '../html/elements.ts'
import type { Decoded, Source } from './field.ts'
import { bad, defineKind, good, type Maker, typed } from './kind.ts'
import type { JsonSchema } from './schema.ts'

/** One line of text, at most 1,000 characters unless `max` says otherwise. */
export const text: Maker<string, 'min' | 'max' | 'search' | 'index'> = defineKind((options) => ({
  name: 'text',
  unit: 'characters',
  max: 1_000,
  schema: textSchema(options),
  read: readLine,
  input: { type: 'text', maxlength: options.max ?? 1_000 },
}))

/** Text of many lines, empty by default; at most 100,000 characters unless `max` says otherwise. */
export const longText: Maker<string, 'min' | 'max' | 'search', 'defaulted'> = lines('longText')

/** As `longText`, written in Markdown. */
export const markdown: Maker<string, 'min' | 'max' | 'search', 'defaulted'> = lines('markdown')

/** The address of a web page, http or https. */
export const url: Maker<string, 'search' | 'index'> = defineKind(() => ({
  name: 'url',
  unit: 'characters',
  max: 2_000,
  schema: { type: 'string', format: 'uri' },
  read: (raw, source, label) =>
    readLine(raw, source, label, isUrl, `${label} must be a web address like https://example.org.`),
  input: { type: 'url' },
  cell: (href) => a({ href, rel: 'noreferrer' }, shorten(href)),
}))

/** An email address. */
export const email: Maker<string, 'search' | 'index'> = defineKind(() => ({
  name: 'email',
  unit: 'characters',
  max: 254,
  schema: { type: 'string', format: 'email' },
  read: (raw, source, label) =>
    readLine(raw, source, label, isEmail, `${label} must be an email address like ann@example.org.`),
  input: { type: 'email' },
  cell: (to) => a({ href: `mailto:${to.split('@').map(encodeURIComponent).join('@')}` }, to),
}))

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text)
const isEmail = (text: string): boolean => /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/.test(text)

function lines(name: string): Maker<string, 'min' | 'max' | 'search', 'defaulted'> {
  return defineKind((options) => ({
    name,
    empty: '',
    multiline: true,
    unit: 'characters',
    max: 100_000,
    schema: textSchema(options),
    read: readText,
    control: (attributes, value) =>
      textarea({ ...attributes, maxlength: options.max ?? 100_000, rows: 4 }, typed(value)),
    cell: shorten,
  }))
}

function readText(raw: unknown, _source: Source, label: string): Decoded<string> {
  return typeof raw === 'string' ? good(raw.replace(/\r\n?/g, '\n')) : bad(`${label} must be text.`)
}

function readLine(
  raw: unknown,
  source: Source,
  label: string,
  isValid: (text: string) => boolean = () => true,
  message = '',
): Decoded<string> {
  if (typeof raw !== 'string') return bad(`${label} must be text.`)
  const text = source === 'form' ? raw.trim() : raw
  if (/[\n\r\u2028\u2029]/.test(text)) return bad(`${label} must be one line.`)
  return isValid(text) ? good(text) : bad(message)
}

/** llama.cpp refuses a grammar for a length of 2,000 or more, so the model is not told of those. */
function textSchema({ min, max = 2_000 }: { min?: number; max?: number }): JsonSchema {
  return { type: 'string', minLength: min, maxLength: max < 2_000 ? max : undefined }
}

/** The first line, cut to 80 characters. */
function shorten(text: string): string {
  const whole = text.trim()
  const [first = ''] = whole.slice(0, 320).split('\n', 1)
  const start = [...first].slice(0, 80).join('')
  return start === whole ? start : `${start}…`
}
