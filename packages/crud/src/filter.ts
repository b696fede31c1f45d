import {
  type Condition,
  div,
  type Field,
  type Fields,
  good,
  InvalidInput,
  input,
  label,
  labelOf,
  t,
} from '@localapp/core'

const help = 'A value, several with commas, a range (1..5, 1.., ..5), “-” for none, “*” for any.'

const between = /,?\.\.,?/

const isList = ({ options }: Field) => Array.isArray(options.default)

export function filterOf(field: Field): Field {
  const description = [help, ...(field.schema().enum ?? [])].join(' ')
  return { ...field, requirement: 'partial', decode: good, schema: () => ({ type: 'string', description }) }
}

export function conditionsOf(name: string, field: Field, given: unknown): Condition<Fields>[] {
  const read = (raw: unknown) => {
    const isText = typeof raw === 'string'
    const decoded = field.decode(isList(field) && !isText ? [raw] : raw, isText ? 'form' : 'json')
    if (decoded.ok) return decoded.value
    throw new InvalidInput({ [name]: decoded.message })
  }
  const text = String(given)
  const parts = text.split(',')
  const mark = parts.find((part) => part === '-' || part === '*')
  if (mark) return [[name, mark === '-' ? '=' : '!=', isList(field) ? [] : null]]
  const ends = text.split(between)
  if (ends.length > 1)
    return ends.flatMap((end, i) => (end ? [[name, i === 0 ? '>=' : '<=', read(end)] as const] : []))
  // A word may have a comma itself.
  const isSplit = given === text && !field.decode(text, 'form').ok
  const values = (isSplit ? parts : [given].flat()).flatMap(read)
  return isList(field) ? values.map((value) => [name, 'has', value]) : [[name, 'in', values]]
}

const names: Readonly<Record<string, string>> = { true: 'yes', false: 'no', '*': 'any', '-': 'none' }

/** Controls that send the parts of a filter. */
export function filterControls(name: string, field: Field, value = '') {
  const { kind, to, requirement } = field
  const text = labelOf(name, field)
  const words = kind === 'bool' ? ['true', 'false'] : field.schema().enum
  const boxes = words ?? (requirement === 'optional' || isList(field) ? ['*', '-'] : [])
  const isRanged = !(words ?? to) && !isList(field)
  const [from, until] = value.split(between)
  const control = (part: string | undefined, what: string) =>
    (to ? t.ref(to) : field).control(
      { name, id: `filter-${name}-${what}`, 'aria-label': `${text} ${what}`, required: false },
      part,
    )
  return div(
    { class: 'finder', role: 'group', 'aria-label': text },
    text,
    !words && control(from, isRanged ? 'from' : 'is'),
    isRanged && [input({ type: 'hidden', name, value: '..' }), control(until, 'to')],
    boxes.map((each) => {
      const box = each ?? '-'
      const checked = value.split(',').includes(box)
      return label(
        input({ type: 'checkbox', name, value: box, checked, 'data-autosubmit': true }),
        names[box] ?? box,
      )
    }),
  )
}
