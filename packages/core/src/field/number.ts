import { bad, defineKind, good } from './kind.ts'

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
  return defineKind<number, 'min' | 'max' | 'filter' | 'index'>({
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
