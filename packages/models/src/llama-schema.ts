/** A schema as llama.cpp's grammars read it: a plain object. */
export type Schema = Readonly<Record<string, unknown>>

const kept = [
  'type',
  'const',
  'enum',
  'description',
  'minItems',
  'minLength',
  'additionalProperties',
] as const
/** A limit becomes so many rules of a grammar that a larger one takes seconds, and then the memory. */
const maxLimit = 256
const formats = ['date-time', 'time', 'date']
const anything: Schema = { type: ['string', 'number', 'boolean', 'null'] }

/**
 * What a grammar can keep of a JSON Schema. `anyOf` becomes `oneOf`, as it is silently taken for null otherwise, and a
 * property that may be left out may be null, as all properties are always written: see {@link withoutNulls}.
 */
export function grammarSchema(schema: unknown): Schema {
  const given = Object(schema) as Schema
  const either = given.oneOf ?? given.anyOf
  if (Array.isArray(either)) return { oneOf: either.map(grammarSchema) }
  const own: Record<string, unknown> = {}
  for (const key of kept) if (key in given) own[key] = given[key]
  for (const key of ['maxLength', 'maxItems']) if (Number(given[key]) <= maxLimit) own[key] = given[key]
  if (formats.includes(String(given.format))) {
    return { type: 'string', format: given.format }
  }
  if (Array.isArray(given.prefixItems)) own.prefixItems = given.prefixItems.map(grammarSchema)
  if (given.items !== undefined) own.items = grammarSchema(given.items)
  if (given.properties !== undefined) own.properties = propertiesOf(given)
  const says = ['type', 'const', 'enum'].some((key) => key in own)
  return says ? own : { ...anything, ...own }
}

function propertiesOf({ properties, required }: Schema): Schema {
  const needed = Array.isArray(required) ? required : []
  const entries = Object.entries(properties as Schema).map(([name, schema]) => {
    const own = grammarSchema(schema)
    return [name, needed.includes(name) ? own : { oneOf: [own, { type: 'null' }] }]
  })
  return Object.fromEntries(entries)
}

/** Arguments without those that the grammar made null because they were left out. */
export function withoutNulls(args: unknown, schema: object): unknown {
  const { required = [], properties = {} } = schema as { required?: string[]; properties?: Schema }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args
  const isLeftOut = ([name, value]: [string, unknown]): boolean =>
    value === null && name in properties && !required.includes(name)
  return Object.fromEntries(Object.entries(args).filter((entry) => !isLeftOut(entry)))
}
