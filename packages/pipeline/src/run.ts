/** `waiting` for a person; `failed` or `stopped`, and waiting for a retry. */
export type RunState = 'waiting' | 'running' | 'failed' | 'stopped' | 'done'

/** Where a run stands. */
export interface Run {
  readonly id: number
  /** The step at hand; the last one when all are done. */
  readonly step: string
  readonly state: RunState
  readonly createdAt: string
}

export interface Progress {
  readonly done: number
  readonly total: number
  readonly note: string
}

/** How far it is, in words. */
export function sayProgress({ done, total, note }: Progress): string {
  return total > 0 ? `${done} of ${total} ${note}` : note
}

/** A step of a run. */
export interface SeenStep {
  readonly id: string
  readonly title: string
  readonly state: RunState | 'later'
  /** What it gave; while it stands reverted, what it gave before. */
  readonly output: unknown
}

/** A run with all its steps. */
export interface Seen extends Run {
  /** Of the step at hand, while it runs. */
  readonly progress: Progress
  /** Why the step at hand has failed. */
  readonly error: string
  readonly steps: readonly SeenStep[]
}

/** One try of a step. */
export interface Attempt {
  readonly id: number
  readonly run: number
  readonly step: string
  /** How many tries right before it have failed. */
  readonly retry: number
}

/** How work ended: with its output as JSON, or with a sentence that says why it failed. */
export type Ended = { readonly output: string } | { readonly error: string }
