import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AppHandle, isLocalappError } from '@localapp/core'
import type { Attempt, Ended, Progress, Seen, SeenStep } from './run.ts'
import type { Runs, Writing } from './runs.ts'
import type { Given } from './step.ts'

interface Work {
  readonly run: number
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** Does the work that the store says is running, so that a restart, a revert and an undo are one and the same to it. */
export class Engine {
  readonly name: string
  readonly runs: Runs
  readonly #app: AppHandle
  /** By the id of the attempt. */
  readonly #work = new Map<number, Work>()
  #isClosed = false

  constructor(app: AppHandle, name: string, runs: Runs) {
    this.#app = app
    this.name = name
    this.runs = runs
  }

  async open() {
    this.#app.onChanged((topics) => topics.includes(this.runs.table.name) && this.#sync())
    await this.#write((writing) => this.runs.resume(writing))
  }

  /** Aborts all work. It still stands as running, and the next start begins it again. */
  async close() {
    this.#isClosed = true
    const stopped = [...this.#work].map(([id, { ended }]) => {
      this.#stop(id)
      return ended
    })
    await Promise.allSettled(stopped)
    await this.#write((writing) => this.runs.pause(writing))
  }

  /** Begins and aborts work until it agrees with what is committed. */
  #sync() {
    if (this.#isClosed) return
    const running = this.runs.running()
    for (const id of this.#work.keys()) if (running.every((attempt) => attempt.id !== id)) this.#stop(id)
    for (const attempt of running) {
      if (this.#work.has(attempt.id)) continue
      const stop = new AbortController()
      this.#work.set(attempt.id, { run: attempt.run, stop, ended: this.#perform(attempt, stop) })
    }
  }

  #stop(id: number) {
    this.#work.get(id)?.stop.abort()
    this.#work.delete(id)
  }

  /** Shows a run as soon as it does not run, or after some seconds. */
  async wait(run: number, seconds: number): Promise<Seen> {
    const { promise: late, resolve } = Promise.withResolvers<true>()
    const timer = setTimeout(resolve, seconds * 1_000, true)
    try {
      for (;;) {
        const work = [...this.#work.values()].find((each) => each.run === run)
        if (!work || (await Promise.race([late, work.ended]))) return this.runs.see(run)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async #perform(attempt: Attempt, stop: AbortController) {
    const ended = await this.#result(attempt, stop)
    // Work that was stopped has no say in what becomes of its attempt, which may even have been begun anew.
    if (this.#work.get(attempt.id)?.stop !== stop) return
    await this.#write((writing) => this.runs.end(writing, attempt, ended))
  }

  async #result({ id, run, step, retry }: Attempt, stop: AbortController): Promise<Ended> {
    const declared = this.runs.steps.find((each) => each.id === step)
    if (declared?.kind !== 'run') return { error: 'This step is gone.' }
    const { timeout } = declared
    const { signal } = stop
    let timer: NodeJS.Timeout | undefined
    let saving: NodeJS.Timeout | undefined
    try {
      if (retry > 0) await sleep(Math.min(100 * 2 ** retry, 10_000), undefined, { signal })
      const aborted = once(signal, 'abort').then(() => Promise.reject(signal.reason))
      if (timeout !== undefined)
        timer = setTimeout(
          () => stop.abort(new Error(`It took longer than ${timeout}.`)),
          millisecondsOf(timeout),
        )
      let latest: Progress
      const save = async () => {
        saving = undefined
        await this.#write((writing) => this.runs.progress(writing, id, latest)).catch(() => undefined) // closing
      }
      const work = async () =>
        await declared.run({
          ...givenTo(step, this.runs.see(run).steps),
          signal,
          folder: join(this.#app.dataFolder, this.name, String(run)),
          progress(done, total, note = '') {
            latest = { done, total, note }
            if (!signal.aborted) saving ??= setTimeout(save, 100)
          },
        })
      return { output: JSON.stringify((await Promise.race([work(), aborted])) ?? null) }
    } catch (thrown) {
      if (isLocalappError(thrown)) return { error: `${thrown.message} ${thrown.fix}` }
      return { error: thrown instanceof Error ? thrown.message : String(thrown) }
    } finally {
      clearTimeout(timer)
      clearTimeout(saving)
    }
  }

  async #write(work: (writing: Writing) => void) {
    await this.#app.write(`go on with ${this.name}`, work)
    this.#app.announce([this.runs.table.name])
  }
}

function millisecondsOf(time: string) {
  return Number.parseFloat(time) * (time.endsWith('m') ? 60_000 : 1_000)
}

export function givenTo(step: string, steps: readonly SeenStep[]): Given<unknown, Record<string, unknown>> {
  const index = steps.findIndex(({ id }) => id === step)
  const before = steps.slice(0, index)
  return {
    input: before.at(-1)?.output,
    all: Object.fromEntries(before.map(({ id, output }) => [id, output])),
  }
}
