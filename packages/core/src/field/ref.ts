import { a, input } from '../html/elements.ts'
import { list } from './compound.ts'
import { bad, defineKind, type Exactly, type FieldOf, good, type Options, typed } from './kind.ts'

type RefOptions = Options<number, 'filter' | 'index'>
type RefsOptions = Options<number[], 'min' | 'max' | 'filter'>

/** A record of the CRUD plugin `to`, by its id. In text, words may stand before that: `Jane Austen #3`. */
export function ref<O extends RefOptions>(to: string, options?: Exactly<O, RefOptions>): FieldOf<number, O> {
  const choices = `${to}-choices`
  return defineKind<number, 'filter' | 'index'>({
    name: 'ref',
    to,
    column: 'INTEGER',
    multiline: true,
    schema: { type: 'integer' },
    read(raw, source, label) {
      const id = source === 'form' ? Number(idIn.exec(typed(raw))?.[1]) : raw
      return Number.isSafeInteger(id) ? good(id as number) : bad(`${label} must be one of the list.`)
    },
    control: (attributes, value) =>
      input({
        ...attributes,
        list: choices,
        autocomplete: 'off',
        value: typed(value),
        'hx-get': `/${to}/choices`,
        'hx-trigger': 'input changed delay:200ms',
        'hx-target': `#${choices}`,
      }),
    cell(value) {
      const text = typed(value)
      return a({ href: `/${to}/${idIn.exec(text)?.[1]}` }, text.replace(/(.) #\d+$/s, '$1'))
    },
  })<O>(options)
}

/** A list of records of the CRUD plugin `to`. */
export function refs<O extends RefsOptions>(
  to: string,
  options?: Exactly<O, RefsOptions>,
): FieldOf<number[], O, 'defaulted'> {
  return list<number, O>(ref(to), options)
}

const idIn = /(?:^|#)\s*(\d{1,15})\s*$/
