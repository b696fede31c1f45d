import type { Occasion } from './trigger.ts'

/** What happened, by the names of the placeholders. */
export type Event = Readonly<Record<string, unknown>>

const pattern = /\{\{\s*([\w.]+)\s*\}\}/g

/** The placeholders that an occasion has a value for; `record.` stands for any column. */
export const placeholders: Record<Occasion, readonly string[]> = {
  schedule: ['time'],
  start: ['time'],
  created: ['time', 'id', 'table', 'record.'],
  changed: ['time', 'id', 'table', 'record.'],
  file: ['time', 'file', 'name'],
}

/** Puts in what happened. A text that is one placeholder and nothing else becomes the value itself, a number too. */
export function fill(input: unknown, event: Event): unknown {
  if (Array.isArray(input)) return input.map((each) => fill(each, event))
  if (typeof input === 'object' && input !== null)
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, fill(value, event)]))
  if (typeof input !== 'string') return input
  const [whole] = input.matchAll(pattern)
  if (whole && whole[0] === input.trim()) return event[whole[1] ?? ''] ?? null
  return input.replace(pattern, (_, name: string) => String(event[name] ?? ''))
}

/** The names of the placeholders in a value. */
export function placeholdersIn(input: unknown): string[] {
  return Array.from(JSON.stringify(input).matchAll(pattern), ([, name = '']) => name)
}
