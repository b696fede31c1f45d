import type { Field, Fields } from '../field/field.ts'
import type { JsonSchema } from '../field/schema.ts'

/** Text that a page must show as it stands, and never as HTML. */
export const hostile = `<i class="hostile">"'&amp; =1+1 \u202e\u{1f9e8}`

/** Values for fields, by what their schemas say: `text` wherever any text may stand. `id` is that of a record. */
export function sampleOf(fields: Fields, text: string, id: number, all: boolean): Record<string, unknown> {
  const given = Object.entries(fields).filter(([name, { requirement }]) => {
    return requirement === 'required' || name === 'id' || (all && name !== 'version')
  })
  return Object.fromEntries(given.map(([name, field]) => [name, fitting(field, text, id)]))
}

/** The first of some plausible values that the field takes. */
function fitting(field: Field, text: string, id: number): unknown {
  const schema = field.schema()
  const { minLength = 0, maxLength = 200, minimum, maximum } = schema
  const candidates = [
    field.kind === 'integer' ? id : undefined,
    text.slice(0, maxLength).toWellFormed(),
    ...(schema.enum ?? []),
    'https://example.org/',
    'ann@example.org',
    '2026-01-02',
    '2026-01-02T03:04:05.000Z',
    '03:04',
    '/tmp',
    'x'.repeat(minLength),
    minimum,
    maximum,
    1,
    true,
    [],
    listOf(schema, text),
    objectOf(schema, text),
  ]
  const fits = (value: unknown) => value !== undefined && field.decode(value, 'json').ok
  return candidates.find(fits) ?? field.options.default
}

function listOf({ items, minItems = 1 }: JsonSchema, text: string): unknown {
  return items && Array.from({ length: Math.max(minItems, 1) }, () => bySchema(items, text))
}

function objectOf({ properties }: JsonSchema, text: string): unknown {
  return (
    properties &&
    Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, bySchema(each, text)]))
  )
}

/** What stands inside a list or an object, of which there is no field to ask. */
function bySchema(schema: JsonSchema, text: string): unknown {
  const type = [schema.type].flat()[0]
  if (schema.enum) return schema.enum[0]
  if (type === 'string')
    return schema.format === 'uri' ? 'https://example.org/' : text.slice(0, schema.maxLength ?? 50)
  if (type === 'boolean') return true
  if (type === 'array') return []
  return type === 'object' ? objectOf(schema, text) : (schema.minimum ?? 1)
}
