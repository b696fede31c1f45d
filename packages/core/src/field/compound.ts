import { div, label, textarea } from '../html/elements.ts'
import type { Content } from '../html/html.ts'
import { decodeFields } from './decode.ts'
import { type ControlAttributes, type Field, type Fields, labelOf, type Row } from './field.ts'
import { bad, defineKind, type Exactly, type FieldOf, good, isBlank, type Options, typed } from './kind.ts'
import { fieldsSchema } from './schema.ts'

type Keys = 'min' | 'max' | 'filter'

/**
 * Values of one kind, none by default and at most 1,000 unless `max` says otherwise. A form has a line of text for
 * each or, where they do not fit on a line, controls for each (`offers.0.shop`) and for one more; blank ones are dropped.
 */
export function list<Value, O extends Options<Value[], Keys>>(
  of: Field<Value>,
  options?: Exactly<O, Options<Value[], Keys>>,
): FieldOf<Value[], O, 'defaulted'> {
  const { max = 1_000 } = options ?? {}
  return defineKind<Value[], Keys, 'defaulted'>({
    name: 'list',
    to: of.to,
    empty: [],
    multiline: true,
    max,
    schema: { type: 'array', items: of.schema() },
    read(raw, source, name) {
      const rows = source === 'form' ? filledRows(raw) : raw
      if (!Array.isArray(rows)) return bad(`${name} must be a list.`)
      const values: Value[] = []
      for (const row of rows) {
        const decoded = of.decode(row, source, `Row ${values.length + 1} of ${name}`)
        if (!decoded.ok) return decoded
        values.push(decoded.value)
      }
      return good(values)
    },
    control(attributes, value) {
      if (!of.multiline) {
        return textarea({ ...attributes, rows: 4 }, Array.isArray(value) ? value.join('\n') : typed(value))
      }
      const { id, name } = attributes
      const rows = [...filledRows(value), ...Array(of.to ? 3 : 1)].slice(0, max)
      return group(
        attributes,
        rows.map((row, i) =>
          of.control(
            { id: `${id}-${i}`, name: `${name}.${i}`, 'aria-label': `Row ${i + 1}`, required: false },
            row,
          ),
        ),
      )
    },
    cell: (values) => separated(values.map((value) => of.cell(value))),
  })<O>(options)
}

/** Fields as one value: `t.obj({ shop: t.text(), price: t.number() })`. A form names them `offer.shop`. */
export function obj<F extends Fields, O extends Options<Row<F>>>(
  fields: F,
  options?: Exactly<O, Options<Row<F>>>,
): FieldOf<Row<F>, O> {
  const entries = Object.entries(fields)
  return defineKind<Row<F>>({
    name: 'obj',
    multiline: true,
    schema: fieldsSchema(fields),
    read(raw, source, name) {
      if (!isRecord(raw)) return bad(`${name} must have the fields ${Object.keys(fields).join(', ')}.`)
      // The control shows all fields, so what a form leaves out is a box that is not ticked.
      const shown = source === 'form' && Object.fromEntries(entries.map(([key]) => [key, '']))
      const decoded = decodeFields(fields, { ...shown, ...raw }, source)
      return decoded.ok ? good(decoded.value) : bad(`${name}: ${Object.values(decoded.messages).join(' ')}`)
    },
    control(attributes, value) {
      const { id, name } = attributes
      const required = attributes.required === false ? false : undefined
      const values = isRecord(value) ? value : {}
      return group(
        attributes,
        entries.map(([key, field]) => {
          const inner = `${id}-${key}`
          return div(
            label({ for: inner, id: `${inner}-label` }, labelOf(key, field)),
            field.control({ id: inner, name: `${name}.${key}`, required }, values[key]),
          )
        }),
      )
    },
    cell: (row) => separated(entries.map(([key, field]) => field.cell((row as Row<Fields>)[key]))),
  })<O>(options)
}

/** Several controls as one, which a label or, without one, the element with the id `…-label` names. */
function group({ id, name, required, ...others }: ControlAttributes, controls: readonly Content[]) {
  const labelledBy = others['aria-label'] ? undefined : `${id}-label`
  return div({ id, class: 'fields', role: 'group', 'aria-labelledby': labelledBy, ...others }, controls)
}

/** The rows of a list, as a value or as a form sends them, that are not blank. */
function filledRows(raw: unknown): unknown[] {
  const rows = typeof raw === 'string' ? raw.split(/\r\n?|\n/) : Object.values(raw ?? {})
  return rows.filter((row) => !isBlank(row))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const separated = (contents: readonly Content[]) =>
  contents.map((content, i) => (i === 0 ? content : [', ', content]))
