import { bad, code, defineKind, type Field, good, type Options, textarea } from '@localapp/core'

/** What a field of JSON is told. */
export interface JsonOptions<Value> extends Pick<Options<Value>, 'label' | 'help'> {
  /** What a new instance holds. */
  readonly default: Value
}

/**
 * A field of any JSON: what a module keeps in objects and lists of its own shape. Its type is what you say it is,
 * `json<readonly Place[]>({ default: [] })`; what is stored is not looked into.
 */
export function json<Value = unknown>(options: JsonOptions<Value>): Field<Value, 'defaulted'> {
  return defineKind<Value>({
    name: 'json',
    schema: { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
    multiline: true,
    read(raw, source, label) {
      if (source === 'json') return good(raw as Value)
      try {
        return good(JSON.parse(String(raw)))
      } catch {
        return bad(`${label} must be JSON.`)
      }
    },
    store: (value) => JSON.stringify(value),
    load: (stored) => JSON.parse(String(stored)),
    control: (attributes, value) =>
      textarea({ ...attributes, rows: 4 }, typeof value === 'string' ? value : JSON.stringify(value)),
    cell: (value) => code(JSON.stringify(value)),
  })<{ default: Value }>(options as never)
}
