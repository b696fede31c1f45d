import type { Decoded, Field } from '@localapp/core'
import { escapeFormula, unescapeFormula } from './csv.ts'

const isNumeric = ({ column }: Field) => column !== 'TEXT'

/** An amount as a form has it, for a spreadsheet knows nothing of cents. */
function decimalOf({ options }: Field, cents: unknown): string {
  const { currency } = options as { readonly currency?: string }
  const format = new Intl.NumberFormat('en', currency === undefined ? {} : { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0
  return (Number(cents) / 10 ** digits).toFixed(digits)
}

/** A value as the text of a cell. {@link fromCell} reads the very same value from it. */
export function cellOf(field: Field | undefined, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (field?.kind === 'money') return decimalOf(field, value)
  if (!field || isNumeric(field)) return String(value)
  if (typeof value === 'string') return escapeFormula(value)
  const tags = field.kind === 'tags' && Array.isArray(value) ? value.join(', ') : ''
  // A tag that looks like JSON would be read as such.
  return tags !== '' && !/^[[{]/.test(tags) ? escapeFormula(tags) : JSON.stringify(value)
}

/** Reads a cell: exactly what {@link cellOf} wrote, or what a person would write into a form. */
export function fromCell(field: Field, cell: string, label: string): Decoded<unknown> {
  const text = isNumeric(field) ? cell.trim() : unescapeFormula(cell)
  if (field.kind === 'bool') return field.decode(words.get(text.toLowerCase()) ?? text, 'form', label)
  if (isNumeric(field) || text.trim() === '') return field.decode(text, 'form', label)
  // As JSON nothing of a text is trimmed.
  for (const raw of [text, /^[[{]/.test(text) ? parsed(text) : text]) {
    const exact = field.decode(raw, 'json', label)
    if (exact.ok) return exact
  }
  return field.decode(text, 'form', label)
}

const words = new Map([
  ...['yes', 'y', '1', 'x'].map((word) => [word, 'true'] as const),
  ...['no', 'n', '0'].map((word) => [word, 'false'] as const),
  ['true', 'true'] as const,
  ['false', 'false'] as const,
])

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
