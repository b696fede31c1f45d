import { input } from '../html/elements.ts'
import { bad, defineKind, type Exactly, type FieldOf, good, type Options, typed } from './kind.ts'

type Keys = 'min' | 'max' | 'filter' | 'index'
type MoneyOptions = Options<number, Keys> & { readonly currency: string }

/** A finite number; in text, with a decimal point. */
export const number = numeric(
  'number',
  'a number like 3.5',
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  Number.isFinite,
)

/** A whole number that JavaScript holds exactly, at most 2⁵³ − 1 from zero. */
export const integer = numeric('integer', 'a whole number', /^[+-]?\d+$/, Number.isSafeInteger)

function numeric(
  name: 'number' | 'integer',
  what: string,
  pattern: RegExp,
  isValid: (value: number) => boolean,
) {
  return defineKind<number, Keys>({
    name,
    column: name === 'number' ? 'REAL' : 'INTEGER',
    schema: { type: name },
    read(raw, source, label) {
      const text = String(raw).trim()
      const value = source === 'form' && pattern.test(text) ? Number(text) : raw
      return typeof value === 'number' && isValid(value) ? good(value) : bad(`${label} must be ${what}.`)
    },
    input: { type: 'number', step: name === 'number' ? 'any' : 1 },
  })
}

/** An amount of a `currency` such as `EUR`, in its smallest unit, such as cents. In text, a decimal. */
export function money<O extends MoneyOptions>(options: Exactly<O, MoneyOptions>): FieldOf<number, O> {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: options.currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0
  // Exact up to 15 digits.
  const whole = (cents: number) => cents / 10 ** digits
  return defineKind<number, Keys>({
    name: 'money',
    column: 'INTEGER',
    schema: { type: 'integer' },
    read(raw, source, label) {
      const text = String(raw).trim().replace(',', '.')
      const cents = source === 'form' && /^[-+\d.]+$/.test(text) ? Number(`${text}e${digits}`) : raw
      return typeof cents === 'number' && Number.isInteger(cents) && Math.abs(cents) < 1e15
        ? good(cents)
        : bad(
            source === 'form'
              ? `${label} must be an amount like ${whole(1250)}.`
              : `${label} must be a whole number: 1250 for ${whole(1250)}.`,
          )
    },
    control: (attributes, value) =>
      input({
        ...attributes,
        inputmode: 'decimal',
        value: typeof value === 'number' ? whole(value).toFixed(digits) : typed(value),
      }),
    cell: (cents) => format.format(whole(cents)),
  })<O>(options)
}
