import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AppHandle, isLocalappError } from '@localapp/core'
import type { Attempt, Ended, Runs, Seen, SeenStep, Writing } from './runs.ts'
import { type Given, milliseconds } from './step.ts'

interface Work {
  readonly run: number
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** Does the work of runs: that which the store says is running, so that restarts, reverts and undos are one and the same to it. */
export class Engine {
  readonly name: string
  readonly runs: Runs
  readonly #app: AppHandle
  /** By the id of the attempt. */
  readonly #work = new Map<number, Work>()
  readonly #outside = AsyncLocalStorage.snapshot()
  #isClosed = false

  constructor(app: AppHandle, name: string, runs: Runs) {
    this.#app = app
    this.name = name
    this.runs = runs
  }

  async open(): Promise<void> {
    await this.#write((writing) => this.runs.resume(writing))
    this.sync()
  }

  /** Aborts all work. It still stands as running, and is resumed by the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { stop } of this.#work.values()) stop.abort()
    await Promise.allSettled([...this.#work.values()].map(({ ended }) => ended))
  }

  /** Begins and aborts work until it agrees with what is committed. */
  sync(): void {
    if (this.#isClosed) return
    const running = this.runs.running()
    for (const [id, { stop }] of this.#work) if (running.every((attempt) => attempt.id !== id)) stop.abort()
    for (const attempt of running) {
      if (this.#work.has(attempt.id)) continue
      const stop = new AbortController()
      this.#work.set(attempt.id, { run: attempt.run, stop, ended: this.#perform(attempt, stop.signal) })
    }
  }

  /** Syncs as soon as the transaction that is open now, if any, has ended. */
  syncSoon(): void {
    const ended = this.#outside(() => this.#write(() => undefined))
    ended.then(
      () => this.sync(),
      () => undefined,
    )
  }

  /** Shows a run. Undoing an undo moves rows without asking anyone, so whoever looks makes sure of the work. */
  see(run: number): Seen {
    this.sync()
    return this.runs.see(run)
  }

  /** Shows a run as soon as it does not run, or after some seconds. */
  async wait(run: number, seconds: number): Promise<Seen> {
    const late = sleep(seconds * 1_000, true, { ref: false })
    for (;;) {
      const seen = this.see(run)
      const work = [...this.#work.values()].find((each) => each.run === run)
      if (seen.state !== 'running' || (await Promise.race([late, work?.ended]))) return this.see(run)
    }
  }

  async #perform(attempt: Attempt, stop: AbortSignal): Promise<void> {
    const ended = await this.#result(attempt, stop)
    if (!stop.aborted) {
      await this.#write((writing) => this.runs.end(writing, attempt, ended))
      this.#app.announce([this.runs.table.name])
    }
    this.#work.delete(attempt.id)
    this.sync()
  }

  async #result({ id, run, step, retry }: Attempt, stop: AbortSignal): Promise<Ended> {
    const declared = this.runs.steps.find((each) => each.id === step)
    if (declared?.kind !== 'run') return { error: 'This step is gone.' }
    const time = declared.timeout === undefined ? undefined : milliseconds(declared.timeout)
    const limit = time === undefined ? stop : AbortSignal.timeout(time)
    const signal = AbortSignal.any([stop, limit])
    let saving: NodeJS.Timeout | undefined
    let latest = { done: 0, total: 0, note: '' }
    const save = async (): Promise<void> => {
      saving = undefined
      await this.#write((writing) => this.runs.progress(writing, id, latest))
      this.#app.announce([this.runs.topic(run)])
    }
    const work = {
      ...givenTo(step, this.runs.see(run).steps),
      signal,
      folder: join(this.#app.dataFolder, this.name, String(run)),
      progress(done: number, total: number, note = '') {
        latest = { done, total, note }
        if (!signal.aborted) saving ??= setTimeout(save, 100)
      },
    }
    try {
      if (retry > 0) await sleep(Math.min(100 * 2 ** retry, 10_000), undefined, { signal })
      const aborted = once(signal, 'abort').then(() => Promise.reject(signal.reason))
      return { output: JSON.stringify((await Promise.race([declared.run(work), aborted])) ?? null) }
    } catch (thrown) {
      return { error: limit.aborted ? `It took longer than ${Number(time) / 1_000} s.` : sentenceOf(thrown) }
    } finally {
      clearTimeout(saving)
    }
  }

  #write(work: (writing: Writing) => void): Promise<void> {
    return this.#app.write(`go on with ${this.name}`, work)
  }
}

/** What a step is given by those before it. */
export function givenTo(step: string, steps: readonly SeenStep[]): Given<unknown, Record<string, unknown>> {
  const before = steps.slice(
    0,
    steps.findIndex(({ id }) => id === step),
  )
  return {
    input: before.at(-1)?.output,
    all: Object.fromEntries(before.map(({ id, output }) => [id, output])),
  }
}

function sentenceOf(thrown: unknown): string {
  if (isLocalappError(thrown)) return `${thrown.message} ${thrown.fix}`
  return thrown instanceof Error ? thrown.message : String(thrown)
}
