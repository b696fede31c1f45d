import { input, option, select, span } from '../html/elements.ts'
import type { Html } from '../html/html.ts'
import {
  bad,
  defineKind,
  type Exactly,
  type FieldOf,
  good,
  isBlank,
  isLine,
  isSound,
  type Kind,
  type Options,
  readText,
  typed,
} from './kind.ts'

/** Yes or no; no by default. */
export const bool = defineKind<boolean, 'filter' | 'index', 'defaulted'>({
  name: 'bool',
  column: 'INTEGER',
  empty: false,
  schema: { type: 'boolean' },
  read(raw, source, label) {
    const value = source === 'json' ? raw : isTicked(raw) || (raw === 'false' ? false : raw)
    return typeof value === 'boolean' ? good(value) : bad(`${label} must be true or false.`)
  },
  store: Number,
  load: Boolean,
  control: (attributes, value) =>
    input({ ...attributes, type: 'checkbox', value: 'true', checked: isTicked(value) }),
  cell: (value) => (value ? yes : no),
})

const isTicked = (value: unknown) => value === true || value === 'true' || value === 'on'
const yes: Html = span({ role: 'img', 'aria-label': 'Yes' }, '✓')
const no: Html = span({ role: 'img', 'aria-label': 'No' }, '–')

/** One of a few words: `t.pick(['low', 'normal', 'high'], { default: 'normal' })`. */
export function pick<const Choice extends string, O extends Options<Choice, 'filter' | 'index'>>(
  choices: readonly Choice[],
  options?: Exactly<O, Options<Choice, 'filter' | 'index'>>,
): FieldOf<Choice, O> {
  const isChoice = (text: string) => choices.some((choice) => choice === text)
  return defineKind<Choice, 'filter' | 'index'>({
    name: 'pick',
    schema: { type: 'string', enum: choices },
    read: readText(isChoice, `one of ${choices.join(', ')}`) as Kind<Choice>['read'],
    control: (attributes, value) =>
      select(
        attributes,
        (attributes.required === false || isBlank(value)) && option({ value: '' }),
        choices.map((each) => option({ value: each, selected: each === value }, each)),
      ),
    cell: (value) => span(value),
  })<O>(options)
}

/** Words of the user's own, none by default and at most 50 unless `max` says otherwise; in text, with commas between. */
export const tags = defineKind<string[], 'min' | 'max' | 'search' | 'filter', 'defaulted'>({
  name: 'tags',
  empty: [],
  max: 50,
  schema: { type: 'array', items: { type: 'string' } },
  read(raw, source, label) {
    const words = source === 'form' && typeof raw === 'string' ? raw.split(',') : raw
    if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) {
      return bad(`${label} must be a list of words.`)
    }
    const tags = [...new Set(words.map((word) => word.trim()).filter((word) => word !== ''))]
    return tags.every((tag) => tag.length <= 100 && isSound(tag) && isLine(tag) && !tag.includes(','))
      ? good(tags)
      : bad(`Each of ${label} must be one line of at most 100 characters, without a comma.`)
  },
  control: (attributes, value) =>
    input({ ...attributes, type: 'text', value: Array.isArray(value) ? value.join(', ') : typed(value) }),
  cell: (value) => value.map((tag) => span({ class: 'tag' }, tag)),
})
