import type { ShownRun } from './run.ts'

/** A value that two runs do not share; undefined where one has none. */
export interface Difference {
  /** Where it is: `offers.0.price`; empty for the whole. */
  readonly at: string
  readonly before: unknown
  readonly after: unknown
}

/** What a step gave in two runs. */
export interface ComparedStep {
  readonly id: string
  readonly title: string
  /** Its state in each run. */
  readonly states: readonly [string, string]
  readonly differences: readonly Difference[]
}

/** Compares two runs of one pipeline step by step, value by value. */
export function compareRuns(before: ShownRun, after: ShownRun): ComparedStep[] {
  return after.steps.map(({ id, title, state, output }) => {
    const old = before.steps.find((step) => step.id === id)
    const wasDone = old?.state === 'done'
    return {
      id,
      title,
      states: [old?.state ?? 'later', state],
      differences: differencesOf(wasDone ? old.output : undefined, state === 'done' ? output : undefined),
    }
  })
}

function differencesOf(before: unknown, after: unknown): Difference[] {
  const old = valuesIn(before)
  const now = valuesIn(after)
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((at) => ({ at, before: old.get(at), after: now.get(at) }))
    .filter(({ before, after }) => before !== after)
}

/** Each value that holds no other, by where it is. */
function valuesIn(value: unknown, at = '', found = new Map<string, unknown>()): Map<string, unknown> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (entries.length === 0) {
    // An empty list or object.
    const isEmpty = typeof value === 'object' && value !== null
    if (value !== undefined) found.set(at, isEmpty ? JSON.stringify(value) : value)
    return found
  }
  for (const [name, inner] of entries) valuesIn(inner, at === '' ? name : `${at}.${name}`, found)
  return found
}
