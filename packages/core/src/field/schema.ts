import type { Fields } from './field.ts'

type Bound = `${'min' | 'max'}${'imum' | 'Length' | 'Items'}`

/** The part of JSON Schema that fields are described in: what the grammars of small models understand. */
export interface JsonSchema extends Readonly<Partial<Record<Bound, number | undefined>>> {
  readonly type: string | readonly string[]
  readonly description?: string | undefined
  readonly default?: unknown
  readonly enum?: readonly (string | null)[]
  readonly format?: string
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
}

/** Describes an object that holds these fields and nothing else. */
export function fieldsSchema(fields: Fields): JsonSchema {
  const entries = Object.entries(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, field.schema()])),
    required: entries.filter(([, { requirement }]) => requirement === 'required').map(([name]) => name),
    additionalProperties: false,
  }
}
