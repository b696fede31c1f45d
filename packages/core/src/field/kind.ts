import { localappError } from '../error/error.ts'
import type { Attributes } from '../html/attributes.ts'
import { input, textarea } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'
import type { ControlAttributes, Decoded, Field, FieldOptions, Requirement, Source } from './field.ts'
import type { JsonSchema } from './schema.ts'

/** What makes a kind of field: all that is not the same for every kind. */
export interface Kind<Value> {
  readonly name: string
  /** See {@link Field.to}. */
  readonly to?: string | undefined
  /** Default `TEXT`. */
  readonly column?: Field['column']
  /** Of a value that is there, without bounds, `description` and `default`. Default: of a string. */
  readonly schema?: JsonSchema
  /** What an empty control means; also the default, unless there is a `min`. */
  readonly empty?: Value
  /** The `max` of a field that names none. */
  readonly max?: number
  /** See {@link Field.multiline}. Default false. */
  readonly multiline?: boolean
  /** Reads what is neither blank nor, as text, broken. */
  read(raw: unknown, source: Source, label: string): Decoded<Value>
  /** Default: the value itself, or its JSON where the schema is of an array or object. */
  store?(value: Value): string | number
  load?(stored: string | number): Value
  /** The attributes of an `input`, such as its type. */
  readonly input?: Attributes
  /** Instead of an `input` or, with `multiline`, a `textarea`. `value` may be anything. */
  control?(attributes: ControlAttributes, value: unknown): Html
  /** Default: the value as text. */
  cell?(value: Value): Content
}

/** The options that a kind takes: what all kinds take, and `Keys`. */
export type Options<Value, Keys extends keyof FieldOptions = never, Bound = number> = Pick<
  FieldOptions<Value, Bound>,
  'label' | 'help' | 'was' | 'optional' | 'default' | Keys
>

/** Options `O` with nothing beyond `Allowed`, and no default for what is null when left out. */
export type Exactly<O, Allowed> = O &
  Record<Exclude<keyof O, keyof Allowed>, never> &
  (O extends { optional: true } ? { readonly default?: never } : unknown)

/** The field that follows from the options `O`; where they do not say, `Otherwise` is its requirement. */
export type FieldOf<Value, O, Otherwise extends Requirement = 'required'> = O extends { optional: true }
  ? Field<Value | null, 'optional'>
  : Field<
      Value,
      O extends { default: unknown } ? 'defaulted' : O extends { min: unknown } ? 'required' : Otherwise
    >

/**
 * Makes a kind of field, which is how `t` came by its own. A number as `min` or `max` bounds a number, and the length of
 * anything else; text bounds text. The maker throws `LOCALAPP_DECLARATION` for a default that the kind would refuse.
 *
 * @example
 * ```ts
 * import { bad, defineKind, good } from '@localapp/core'
 *
 * export const colour = defineKind<string, 'filter'>({
 *   name: 'colour',
 *   input: { type: 'color' },
 *   read: (raw, _source, label) =>
 *     typeof raw === 'string' && /^#[0-9a-f]{6}$/.test(raw) ? good(raw) : bad(`${label} must be a colour like #00aaff.`),
 * })
 * ```
 */
export function defineKind<
  Value,
  Keys extends keyof FieldOptions = never,
  Otherwise extends Requirement = 'required',
  Bound = number,
>(kind: Kind<Value>) {
  // A yes or no has no third state that a control could show.
  type Allowed = Omit<Options<Value, Keys, Bound>, Value extends boolean ? 'optional' : never>
  return <O extends Options<Value, Keys, Bound>>(
    options?: Exactly<O, Allowed>,
  ): FieldOf<Value, O, Otherwise> =>
    // What is taken and returned is decided at run time by the very rules of these types.
    makeField(kind, options ?? {}) as never
}

function makeField<Value>(kind: Kind<Value>, declared: FieldOptions): Field<Value | null> {
  const { multiline = false, schema = { type: 'string' }, cell = String } = kind
  const { min, max = kind.max, optional } = declared
  const { type, enum: words } = schema
  const empty = min === undefined ? kind.empty : undefined

  const read = (raw: unknown, source: Source, label: string) => {
    const decoded = kind.read(raw, source, label)
    const problem = decoded.ok && problemOf(decoded.value, min, max)
    return problem ? bad(`${label} ${problem}.`) : decoded
  }

  let fallback = optional ? undefined : empty
  if (declared.default !== undefined) {
    const decoded = read(declared.default, 'json', 'The default')
    if (!decoded.ok)
      throw localappError('LOCALAPP_DECLARATION', decoded.message, `Give t.${kind.name} another.`)
    fallback = decoded.value
  }
  const requirement = optional ? 'optional' : fallback === undefined ? 'required' : 'defaulted'

  const decode = (raw: unknown, source: Source, label = declared.label ?? 'This') => {
    const isForm = source === 'form'
    const isText = typeof raw === 'string'
    if (isForm && Array.isArray(raw)) {
      return bad(`${label} was given ${raw.length === 2 ? 'twice' : `${raw.length} times`}.`)
    }
    if (isText && !isSound(raw)) return bad(`${label} holds a character that is no text.`)
    // Boxes that are not ticked are not sent, so a group of them may arrive as nothing.
    if (isForm && type === 'object' && raw === '') return decode({}, source, label)
    if (raw === null || ((isForm || (isText && type === 'string')) && isBlank(raw))) {
      if (optional) return good(null)
      if (requirement === 'required' && (raw === null || isText)) return bad(`${label} is required.`)
      if (isText) return good(structuredClone(empty ?? fallback) as Value)
    }
    return read(raw, source, label)
  }

  const isJson = type === 'array' || type === 'object'
  const {
    store = (value) => (isJson ? JSON.stringify(value) : (value as string | number)),
    load = (stored) => (isJson ? JSON.parse(String(stored)) : stored),
  } = kind
  const whole: JsonSchema = {
    ...schema,
    ...boundsOf(type, declared),
    ...(optional && { type: [type, 'null'].flat(), ...(words && { enum: [...words, null] }) }),
    description: declared.help,
    default: fallback,
  }
  const isCounted = type === 'string' && typeof max === 'number'
  const limits = { ...(isCounted ? { maxlength: max } : !isJson && { min, max }) }
  const required = optional ? false : requirement === 'required' || undefined

  return {
    kind: kind.name,
    to: kind.to,
    requirement,
    options: { ...declared, default: fallback },
    column: kind.column ?? 'TEXT',
    multiline,
    decode,
    toColumn: (value) => (value === null ? null : store(value)),
    fromColumn: (stored) => (stored === null ? null : load(stored)),
    control(given, value) {
      const attributes = { ...given, required: given.required ?? required, ...limits }
      if (kind.control) return kind.control(attributes, value)
      if (multiline) return textarea({ ...attributes, rows: 4 }, typed(value))
      return input({ ...attributes, ...kind.input, value: typed(value) })
    },
    cell: (value) => (value === null ? '' : cell(value)),
    schema: () => whole,
  }
}

/** The bounds as a JSON Schema has them, which knows none of text. */
function boundsOf(type: unknown, { min, max }: FieldOptions): Partial<JsonSchema> {
  const unit = type === 'string' ? 'Length' : type === 'array' ? 'Items' : 'imum'
  // llama.cpp refuses a grammar for a length of 2,000 or more, so the model is not told of those.
  const told = (bound?: number | string) =>
    typeof bound === 'number' && (unit === 'imum' || bound < 2_000) ? bound : undefined
  return { [`min${unit}`]: told(min), [`max${unit}`]: told(max) } as Partial<JsonSchema>
}

function problemOf(value: unknown, min?: number | string, max?: number | string) {
  const isCounted = typeof value !== 'number' && typeof (min ?? max) === 'number'
  const size = (isCounted ? (value as string | readonly unknown[]).length : value) as number | string
  const isSmall = min !== undefined && size < min
  if (!isSmall && (max === undefined || size <= max)) return undefined
  const bound = isSmall ? `at least ${min}` : `at most ${max}`
  if (!isCounted) return `must be ${bound}`
  const unit = Array.isArray(value) ? 'entries' : 'characters'
  return `is too ${isSmall ? 'short' : 'long'}: ${size} ${unit}, ${bound}`
}

/** Reads text for which something holds, such as a line; a form's is trimmed. */
export function readText(isValid: (text: string) => boolean, what: string): Kind<string>['read'] {
  return (raw, source, label) => {
    const text = source === 'form' && typeof raw === 'string' ? raw.trim() : raw
    return typeof text === 'string' && isValid(text) ? good(text) : bad(`${label} must be ${what}.`)
  }
}

/** A value that was read. */
export function good<Value>(value: Value): Decoded<Value> {
  return { ok: true, value }
}

/** A sentence that says what is wrong. */
export function bad(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message }
}

/** Tells whether nothing was filled in, in whatever part. */
export function isBlank(raw: unknown): boolean {
  if (typeof raw === 'object' && raw !== null) return Object.values(raw).every(isBlank)
  return typed(raw).trim() === ''
}

export function isLine(text: string): boolean {
  return !/[\n\r\u2028\u2029]/.test(text)
}

/** Tells whether a string is text: no NUL, and no half of a character. */
export function isSound(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

export function typed(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}
