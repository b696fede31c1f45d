import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PluginContext } from '@localapp/core'
import type { Attempt, Ended, Progress } from './run.ts'
import { givenBy, type Runs, type Seen, type Writing } from './runs.ts'

interface Work {
  readonly stop: AbortController
  readonly ended: Promise<void>
}

export type Engine = ReturnType<typeof openEngine>

/** Does the work that the store says is running, so that a restart, a revert and an undo are one and the same to it. */
export function openEngine({ app, service }: PluginContext, name: string, runs: Runs) {
  /** By the id of the attempt. */
  const atWork = new Map<number, Work>()
  let isClosed = false

  const write = async (change: (writing: Writing) => void) => {
    await app.write(`go on with ${name}`, change)
    app.announce([runs.table.name])
  }

  const stop = (id: number) => {
    atWork.get(id)?.stop.abort()
    atWork.delete(id)
  }

  /** Begins and aborts work until it agrees with what is committed. */
  const sync = () => {
    if (isClosed) return
    const running = runs.running()
    for (const id of atWork.keys()) if (running.every((attempt) => attempt.id !== id)) stop(id)
    for (const attempt of running) {
      if (atWork.has(attempt.id)) continue
      const stop = new AbortController()
      atWork.set(attempt.id, { stop, ended: perform(attempt, stop) })
    }
  }

  const perform = async (attempt: Attempt, stop: AbortController) => {
    const ended = await resultOf(attempt, stop)
    // Work that was stopped has no say in what becomes of its attempt, which may even have been begun anew.
    if (atWork.get(attempt.id)?.stop === stop) await write((writing) => runs.end(writing, attempt, ended))
  }

  const resultOf = async ({ id, run, step, retry }: Attempt, stop: AbortController): Promise<Ended> => {
    const index = runs.steps.findIndex(({ id }) => id === step)
    const { run: perform, when = [], timeout } = runs.steps[index] ?? {}
    if (!perform && when.length === 0) return { error: 'This step is gone.' }
    const { signal } = stop
    let timer: NodeJS.Timeout | undefined
    let saving: NodeJS.Timeout | undefined
    try {
      const before = runs.see(run).steps.slice(0, index)
      if (!when.every(({ steps, holds }) => holds(givenBy(before.slice(0, steps)))))
        return { output: '', state: 'skipped' }
      if (!perform) return { output: '' }
      if (retry > 0) await sleep(Math.min(100 * 2 ** retry, 10_000), undefined, { signal })
      const aborted = once(signal, 'abort').then(() => Promise.reject(signal.reason))
      if (timeout !== undefined) {
        const late = new Error(`It took longer than ${timeout}.`)
        timer = setTimeout(
          () => stop.abort(late),
          Number.parseFloat(timeout) * (timeout.endsWith('m') ? 60_000 : 1_000),
        )
      }
      let latest: Progress
      const save = async () => {
        saving = undefined
        await write((writing) => runs.progress(writing, id, latest)).catch(() => undefined) // closing
      }
      const { first, kept } = runs.kept(run, step)
      const work = async () =>
        await perform({
          ...givenBy(before),
          signal,
          service,
          folder: join(app.dataFolder, name, String(run)),
          key: `${name}-${first}`,
          async keep(key, make) {
            signal.throwIfAborted()
            const there = kept.get(key)
            const output = there ?? JSON.stringify((await make()) ?? null)
            if (there === undefined)
              await app.write(`keep for ${name}`, (writing) => runs.keep(writing, id, key, output))
            return JSON.parse(output)
          },
          progress(done, total, note = '') {
            latest = { done, total, note }
            if (!signal.aborted) saving ??= setTimeout(save, 100)
          },
        })
      return { output: JSON.stringify((await Promise.race([work(), aborted])) ?? null) }
    } catch (thrown) {
      const { message = String(thrown), fix = '' } = Object(thrown)
      return { error: `${message} ${fix}`.trim() }
    } finally {
      clearTimeout(timer)
      clearTimeout(saving)
    }
  }

  return {
    name,
    runs,

    async open() {
      app.onChanged((topics) => topics.includes(runs.table.name) && sync())
      await write(runs.resume)
    },

    /** Aborts all work. It still stands as running, and the next start begins it again. */
    async close() {
      isClosed = true
      const stopped = [...atWork.values()]
      for (const id of atWork.keys()) stop(id)
      await Promise.allSettled(stopped.map(({ ended }) => ended))
      await write(runs.pause)
    },

    /** Shows a run as soon as it does not run, or after some seconds. */
    async wait(run: number, seconds: number): Promise<Seen> {
      const end = Date.now() + seconds * 1_000
      while (Date.now() < end && runs.running().some((attempt) => attempt.run === run)) await sleep(20)
      return runs.see(run)
    },
  }
}
