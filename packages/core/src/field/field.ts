import type { Attributes } from '../html/attributes.ts'
import type { Content, Html } from '../html/html.ts'
import type { JsonSchema } from './schema.ts'

/**
 * Whether a value has to be given. Left out, an `optional` one is null, a `defaulted` one has its default, and a
 * `partial` one stays away, so that an update leaves it alone.
 */
export type Requirement = 'required' | 'optional' | 'defaulted' | 'partial'

/** How a value was written: as text, in a form or a command, or as JSON with its types. */
export type Source = 'form' | 'json'

/** A value, or the sentence that says what is wrong with what was given. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string }

/** What a field can be told; each kind takes those that fit it. */
export interface FieldOptions<Value = unknown, Bound = number | string> {
  /** Default: made from the name, so that `dueDate` is “Due date”. */
  readonly label?: string
  /** A sentence for the user and for the model. */
  readonly help?: string
  /** The name that the field had before: its column is renamed, values and all. */
  readonly was?: string
  /** May be left out, and is null then. */
  readonly optional?: boolean
  readonly default?: Value
  /** The least value, or the fewest characters or entries. With it, text of many lines and lists are required. */
  readonly min?: Bound
  /** The greatest value, or the most characters or entries. */
  readonly max?: Bound
  /** The search finds it. */
  readonly search?: boolean
  /** Lists can be filtered by it. */
  readonly filter?: boolean
  /** Looking up and sorting by it is fast. */
  readonly index?: boolean
}

/** Attributes of a control. With `required: false` it may stay empty, whatever the field says. */
export type ControlAttributes = Attributes & { readonly id: string; readonly name: string }

/** The one description of a value: its type, column, control, decoding, table cell and JSON Schema. */
export interface Field<Value = unknown, R extends Requirement = Requirement> {
  readonly kind: string
  /** The plugin whose records its values are the ids of. */
  readonly to?: string | undefined
  readonly requirement: R
  readonly options: FieldOptions
  readonly column: 'TEXT' | 'INTEGER' | 'REAL'
  /** Values do not fit on a line, so that a list of them has a control for each. */
  readonly multiline: boolean
  /** Reads what was given. `label` names the field in the message. */
  decode(raw: unknown, source: Source, label?: string): Decoded<Value>
  toColumn(value: Value): string | number | null
  fromColumn(stored: string | number | null): Value
  /**
   * The element that the value is typed into, without a label. `value` is a decoded value, or what was typed and
   * refused; `undefined` shows an empty control.
   */
  control(attributes: ControlAttributes, value: unknown): Html
  /** How a table shows the value. */
  cell(value: Value): Content
  schema(): JsonSchema
}

/** Fields by their names. */
export type Fields = Readonly<Record<string, Field>>

/** The type of a field's values. */
export type ValueOf<F> = F extends Field<infer Value> ? Value : never

type KeysOf<F extends Fields, R extends Requirement> = {
  [K in keyof F]: F[K] extends Field<unknown, R> ? K : never
}[keyof F]

/** `Key` may be left out, the others may not. */
type Values<F extends Fields, Key> = Flat<
  { [K in Exclude<keyof F, Key>]: ValueOf<F[K]> } & { [K in Extract<keyof F, Key>]?: ValueOf<F[K]> }
>
type Flat<T> = { [K in keyof T]: T[K] }

/** What is decoded, stored and read. */
export type Row<F extends Fields> = Values<F, KeysOf<F, 'partial'>>

/** What a caller gives. */
export type Input<F extends Fields> = Values<F, Exclude<keyof F, KeysOf<F, 'required'>>>

/** Fields of which any may be left out, as in an update: what is given is decoded as before, the rest stays away. */
export function partials<F extends Fields>(fields: F): { [K in keyof F]: Field<ValueOf<F[K]>, 'partial'> } {
  const entries = Object.entries(fields).map(([name, field]) => {
    const schema = { ...field.schema(), default: undefined }
    return [name, { ...field, requirement: 'partial', schema: () => schema }]
  })
  return Object.fromEntries(entries)
}

/** What the user sees as the name of a field. */
export function labelOf(name: string, field: Field): string {
  return field.options.label ?? inWords(name)
}

/** Puts a name in words: `dueDate` is “Due date”, `word-count` “Word count”. */
export function inWords(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])|[_-]/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
