import { type Stored, t } from '@localapp/core'

/** Both follow from the attempts. Here lists find them, and an approval holds for one version of them. */
export const runFields = {
  /** The step at hand; the last one when all are done. */
  step: t.text(),
  /** `waiting` for a person; `failed` or `stopped`, and waiting for a retry or a person. */
  state: t.pick(['waiting', 'running', 'failed', 'stopped', 'done']),
}

/** What was done for each step; `reverted` counts no more, and `waiting` work for a person's word. */
export const attemptFields = {
  run: t.integer({ index: true }),
  step: t.text(),
  /** Tells versions of the step from each other. */
  code: t.text({ default: '' }),
  /** How many tries right before it have failed. */
  retry: t.integer({ default: 0 }),
  /** How many ends of the app in a row have cut it off; one that stopped it in order leaves −1 for the next start. */
  cuts: t.integer({ default: 0 }),
  state: t.pick(['running', 'waiting', 'done', 'skipped', 'failed', 'reverted'], { index: true }),
  output: t.longText({ max: 1_000_000_000 }),
  error: t.longText(),
  done: t.number({ default: 0 }),
  total: t.number({ default: 0 }),
  note: t.longText(),
}

/** What work has kept while it ran, as JSON by its own keys. */
export const keptFields = {
  attempt: t.integer({ index: true }),
  key: t.longText(),
  output: t.longText({ max: 1_000_000_000 }),
}

export type Run = Stored<typeof runFields>

export type Attempt = Stored<typeof attemptFields>

export type Progress = Pick<Attempt, 'done' | 'total' | 'note'>

export function sayProgress({ done, total, note }: Progress) {
  return total > 0 ? `${done} of ${total} ${note}` : note
}

/** How work ended: with its output as JSON, or with a sentence that says why it failed. */
export type Ended = { readonly output: string; readonly state?: 'skipped' } | { readonly error: string }
