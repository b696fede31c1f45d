import { type Fields, labelOf, type Row, type Source } from './field.ts'

/** Every field's value, or a sentence for each that is wrong. */
export type DecodedFields<F extends Fields> =
  | { readonly ok: true; readonly value: Row<F> }
  | { readonly ok: false; readonly messages: Readonly<Record<string, string>> }

/**
 * Reads values by their fields and fills in what was left out. Messages stand under the names of fields, unknown ones
 * too; what is wrong with the whole stands under `''`.
 */
export function decodeFields<F extends Fields>(fields: F, raw: unknown, source: Source): DecodedFields<F> {
  const given = raw ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    return { ok: false, messages: { '': 'Fields are expected, each with its name and value.' } }
  }
  const values = new Map<string, unknown>(Object.entries(given))
  const row: [string, unknown][] = []
  const messages: [string, string][] = []
  for (const [name, field] of Object.entries(fields)) {
    const value = values.get(name)
    values.delete(name)
    if (value !== undefined || field.requirement === 'required') {
      const decoded = field.decode(value ?? null, source, labelOf(name, field))
      if (decoded.ok) row.push([name, decoded.value])
      else messages.push([name, decoded.message])
    } else if (field.requirement !== 'partial') {
      row.push([name, structuredClone(field.options.default ?? null)])
    }
  }
  for (const name of [...values.keys()].slice(0, 20)) messages.push([name, unknownField(name, fields)])
  return messages.length === 0
    ? { ok: true, value: Object.fromEntries(row) as Row<F> }
    : { ok: false, messages: Object.fromEntries(messages) }
}

function unknownField(name: string, fields: Fields) {
  return `There is no field “${name.slice(0, 60)}”. The fields are: ${Object.keys(fields).join(', ') || 'none'}.`
}
