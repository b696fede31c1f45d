import { localappError } from '../error/error.ts'
import type { Attributes } from '../html/attributes.ts'
import { input } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'
import type { Decoded, Field, FieldOptions, Requirement, Source } from './field.ts'
import type { JsonSchema } from './schema.ts'

/** What controls have in common, to be spread into an element. */
export type ControlAttributes = Attributes & { readonly id: string; readonly name: string }

/** What makes a kind of field: all that is not the same for every kind. */
export interface Kind<Value> {
  readonly name: string
  /** Default `TEXT`. */
  readonly column?: Field['column']
  /** Of a value that is there, without `description` and `default`. */
  readonly schema: JsonSchema
  /** What an empty control means; also the default, unless there is a `min`. */
  readonly empty?: Value
  /** What `min` and `max` count. Default: they bound the value itself. */
  readonly unit?: 'characters' | 'entries'
  /** The `max` of a field that names none. */
  readonly max?: number
  /** See {@link Field.multiline}. Default false. */
  readonly multiline?: boolean
  /** Reads what is neither blank nor, as text, broken. */
  read(raw: unknown, source: Source, label: string): Decoded<Value>
  /** Default: the value itself, or its JSON where the schema is of an array or object. */
  store?(value: Value): string | number
  load?(stored: string | number): Value
  /** The attributes of an `input`. */
  readonly input?: Attributes
  /** Instead of an `input`. `value` may be anything. */
  control?(attributes: ControlAttributes, value: unknown, mayBeEmpty: boolean): Html
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

/** A function such as `t.text`. */
export interface Maker<
  Value,
  Keys extends keyof FieldOptions = never,
  Otherwise extends Requirement = 'required',
  Bound = number,
> {
  <O extends Options<Value, Keys, Bound>>(
    // A yes or no has no third state that a control could show.
    options?: Exactly<O, Omit<Options<Value, Keys, Bound>, Value extends boolean ? 'optional' : never>>,
  ): FieldOf<Value, O, Otherwise>
  /** As every function has; with a property, `defineKind` infers its type arguments from a declared `Maker`. */
  readonly name: string
}

/**
 * Makes a kind of field, which is how `t` came by its own. The maker throws `LOCALAPP_DECLARATION` for a default
 * that the kind would refuse.
 *
 * @example
 * ```ts
 * export const colour: Maker<string, 'filter'> = defineKind(() => ({
 *   name: 'colour',
 *   schema: { type: 'string' },
 *   input: { type: 'color' },
 *   read: (raw, _source, label) =>
 *     typeof raw === 'string' && /^#[0-9a-f]{6}$/.test(raw) ? good(raw) : bad(`${label} must be a colour like #00aaff.`),
 * }))
 * ```
 */
export function defineKind<
  Value,
  Keys extends keyof FieldOptions = never,
  Otherwise extends Requirement = 'required',
  Bound = number,
>(define: (options: Options<Value, Keys, Bound>) => Kind<Value>): Maker<Value, Keys, Otherwise, Bound> {
  // What the maker takes and returns is decided at run time by the very rules of its type.
  return (options) => makeField(define((options ?? {}) as never), options ?? {}) as never
}

function makeField<Value>(kind: Kind<Value>, declared: FieldOptions): Field<Value | null> {
  const { min, max = kind.max, optional } = declared
  const { type, enum: words } = kind.schema
  const empty = min === undefined ? kind.empty : undefined

  const read = (raw: unknown, source: Source, label: string): Decoded<Value> => {
    const decoded = kind.read(raw, source, label)
    const problem = decoded.ok && problemOf(decoded.value, kind.unit, min, max)
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

  const decode = (raw: unknown, source: Source, label = declared.label ?? 'This'): Decoded<Value | null> => {
    const isForm = source === 'form'
    if (isForm && Array.isArray(raw)) {
      return bad(`${label} was given ${raw.length === 2 ? 'twice' : `${raw.length} times`}.`)
    }
    if (typeof raw === 'string' && !isSound(raw)) return bad(`${label} holds a character that is no text.`)
    // Boxes that are not ticked are not sent, so a group of them may arrive as nothing.
    if (isForm && type === 'object' && raw === '') return decode({}, source, label)
    const mayBeBlank = isForm || (type === 'string' && typeof raw === 'string')
    if (raw === null || (mayBeBlank && isBlank(raw))) {
      if (optional) return good(null)
      if (requirement === 'required' && (raw === null || typeof raw === 'string')) {
        return bad(`${label} is required.`)
      }
      if (typeof raw === 'string') return good(structuredClone(empty ?? fallback) as Value)
    }
    return read(raw, source, label)
  }

  const isJson = type === 'array' || type === 'object'
  const {
    store = (value) => (isJson ? JSON.stringify(value) : (value as string | number)),
    load = (stored) => (isJson ? JSON.parse(String(stored)) : stored),
    cell = String,
  } = kind
  const nullable = optional && { type: [type, 'null'].flat(), ...(words && { enum: [...words, null] }) }
  const schema = { ...kind.schema, ...nullable, description: declared.help, default: fallback }

  return {
    kind: kind.name,
    requirement,
    options: { ...declared, default: fallback },
    column: kind.column ?? 'TEXT',
    multiline: kind.multiline ?? false,
    decode,
    toColumn: (value) => (value === null ? null : store(value)),
    fromColumn: (stored) => (stored === null ? null : load(stored)),
    control({ id, name, value, autofocus, invalid, describedBy, mayBeEmpty = false }) {
      const attributes: ControlAttributes = {
        id,
        name,
        required: requirement === 'required' && !mayBeEmpty,
        autofocus,
        'aria-invalid': invalid && 'true',
        'aria-describedby': describedBy,
      }
      if (kind.control) return kind.control(attributes, value, optional || mayBeEmpty)
      return input({ ...attributes, value: typed(value), ...kind.input })
    },
    cell: (value) => (value === null ? '' : cell(value)),
    schema: () => schema,
  }
}

function problemOf(
  value: unknown,
  unit: Kind<unknown>['unit'],
  min: FieldOptions['min'],
  max: FieldOptions['max'],
): string | undefined {
  const size = unit ? (value as string | readonly unknown[]).length : (value as number | string)
  const tooSmall = min !== undefined && size < min
  if (!tooSmall && (max === undefined || size <= max)) return undefined
  const bound = tooSmall ? `at least ${min}` : `at most ${max}`
  return unit ? `is too ${tooSmall ? 'short' : 'long'}: ${size} ${unit}, ${bound}` : `must be ${bound}`
}

/** A value that was read. */
export function good<Value>(value: Value): Decoded<Value> {
  return { ok: true, value }
}

/** A sentence that says what is wrong. */
export function bad(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message }
}

/** Tells whether nothing was filled in: white space at most, in whatever part. */
export function isBlank(raw: unknown): boolean {
  if (typeof raw === 'object' && raw !== null) return Object.values(raw).every(isBlank)
  return typed(raw).trim() === ''
}

/** Tells whether a string is text: no NUL, and no half of a character. */
export function isSound(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** What a control shows of a value. */
export function typed(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}
