import {
  localappError,
  type PluginContext,
  type ReadContext,
  type Table,
  type WriteContext,
} from '@localapp/core'
import {
  type Attempt,
  attemptFields,
  type Ended,
  type Progress,
  type Run,
  runFields,
  type Seen,
  type SeenStep,
} from './run.ts'
import type { Step } from './step.ts'

type Reading = Pick<ReadContext, 'table'>
export type Writing = Pick<WriteContext, 'table'>

/** The runs of one pipeline in the store. Whatever moves a run is a short write that changes its attempts. */
export class Runs {
  readonly title: string
  readonly steps: readonly Step[]
  readonly table: Table
  readonly #runs: Table<typeof runFields>
  readonly #attempts: Table<typeof attemptFields>
  readonly #committed: Reading

  constructor(context: PluginContext, title: string, steps: readonly Step[]) {
    this.#runs = context.table('run', runFields)
    this.#attempts = context.table('attempt', attemptFields)
    this.table = this.#runs
    this.#committed = { table: (table) => context.app.reader(table) }
    this.title = title
    this.steps = steps
  }

  nameOf(step: string) {
    return `“${this.steps.find(({ id }) => id === step)?.title ?? step}”`
  }

  titleOf(run: number) {
    return `${this.title} ${run}`
  }

  /** The newest 50. */
  list(): Run[] {
    return this.#committed.table(this.#runs).all({ order: ['id', 'desc'], limit: 50 })
  }

  /** Throws `LOCALAPP_NOT_FOUND` when there is no such run. */
  see(id: number): Seen {
    const run = this.#get(this.#committed, id)
    const attempts = this.#committed.table(this.#attempts).all({ where: [['run', '=', id]] })
    const steps = this.steps.map(({ id, title }): SeenStep => {
      const last = attempts.findLast(({ step, output }) => step === id && output !== '')
      const state = last?.state === 'done' ? 'done' : id === run.step ? run.state : 'later'
      return { id, title, state, output: last && JSON.parse(last.output) }
    })
    const { done, total, note, error } = attempts.findLast(({ step }) => step === run.step) ?? none
    return { ...run, progress: { done, total, note }, error, steps }
  }

  /** All that stands as running, whether or not this process works on it. */
  running(reading = this.#committed): Attempt[] {
    return reading.table(this.#attempts).all({ where: [['state', '=', 'running']] })
  }

  start(writing: Writing): Run {
    return this.#goOn(writing, writing.table(this.#runs).insert({ step: '', state: 'waiting' }).id)
  }

  /** Takes an answer or, where it is `undefined`, an approval, which gives what the step before gave. */
  give(writing: Writing, run: number, step: string, answer: unknown): Run {
    const seen = this.#get(writing, run)
    if (seen.step !== step || seen.state !== 'waiting')
      this.#refuse(seen, `${this.nameOf(step)} does not wait`)
    const before = this.steps[this.#indexOf(step) - 1]?.id
    const passed = this.#live(writing, run).findLast((attempt) => attempt.step === before)?.output
    const output = answer === undefined ? passed : JSON.stringify(answer)
    writing.table(this.#attempts).insert({ run, step, state: 'done', output: output ?? 'null' })
    return this.#goOn(writing, run)
  }

  retry(writing: Writing, run: number): Run {
    const seen = this.#get(writing, run)
    if (seen.state !== 'failed' && seen.state !== 'stopped')
      this.#refuse(seen, 'There is nothing to try again')
    writing.table(this.#attempts).insert({ run, step: seen.step, state: 'running' })
    return this.#goOn(writing, run)
  }

  /** Supersedes a step and all after it. Work that is superseded begins again when someone says so. */
  revert(writing: Writing, run: number, step: string): Run {
    const from = this.#indexOf(step)
    const gone = this.#live(writing, run).filter((attempt) => this.#indexOf(attempt.step) >= from)
    if (gone.length === 0) this.#refuse(this.#get(writing, run), `${this.nameOf(step)} has nothing to revert`)
    for (const { id } of gone) writing.table(this.#attempts).update(id, { state: 'reverted' })
    return this.#goOn(writing, run, false)
  }

  /** Counts what the end of the app has cut off. At the second time in a row it may be what ends the app, and has failed. */
  resume(writing: Writing) {
    const attempts = writing.table(this.#attempts)
    for (const { id, run, cuts } of this.running(writing)) {
      if (cuts < 1) attempts.update(id, { cuts: cuts + 1 })
      else {
        attempts.update(id, {
          state: 'failed',
          error: 'The app ended in the middle of this, twice in a row.',
        })
        this.#goOn(writing, run)
      }
    }
  }

  /** Notes that the app ends in order. */
  pause(writing: Writing) {
    for (const { id } of this.running(writing)) writing.table(this.#attempts).update(id, { cuts: -1 })
  }

  progress(writing: Writing, attempt: number, progress: Progress) {
    const attempts = writing.table(this.#attempts)
    if (attempts.find(attempt)?.state === 'running') attempts.update(attempt, progress)
  }

  /** Writes down how work ended, and begins what follows. What was superseded meanwhile counts no more. */
  end(writing: Writing, { id, run, step, retry }: Attempt, ended: Ended) {
    const attempts = writing.table(this.#attempts)
    if (attempts.find(id)?.state !== 'running') return
    attempts.update(id, { ...ended, state: 'error' in ended ? 'failed' : 'done' })
    const declared = this.steps[this.#indexOf(step)]
    if ('error' in ended && declared?.kind === 'run' && retry < (declared.retries ?? 0)) {
      const note = `Trying again. ${ended.error}`
      attempts.insert({ run, step, state: 'running', retry: retry + 1, note })
    }
    this.#goOn(writing, run)
  }

  /** Moves a run to the first step that is not done. Work begins there, unless `begins` is false. */
  #goOn(writing: Writing, run: number, begins = true): Run {
    const states = new Map(this.#live(writing, run).map(({ step, state }) => [step, state as Run['state']]))
    const next = this.steps.find(({ id }) => states.get(id) !== 'done')
    const isWork = next?.kind === 'run'
    if (begins && isWork && !states.has(next.id)) {
      writing.table(this.#attempts).insert({ run, step: next.id, state: 'running' })
      states.set(next.id, 'running')
    }
    const { id: step = '' } = next ?? this.steps.at(-1) ?? {}
    const state = states.get(step) ?? (isWork ? 'stopped' : 'waiting')
    return writing.table(this.#runs).update(run, { step, state })
  }

  /** The attempts that count, oldest first. */
  #live(writing: Writing, run: number): Attempt[] {
    const where = [['run', '=', run] as const, ['state', '!=', 'reverted'] as const]
    return writing.table(this.#attempts).all({ where })
  }

  #indexOf(step: string) {
    return this.steps.findIndex(({ id }) => id === step)
  }

  #get(reading: Reading, id: number): Run {
    const run = reading.table(this.#runs).find(id)
    if (run) return run
    throw localappError('LOCALAPP_NOT_FOUND', `There is no run ${id}.`, 'Look into the list of runs.')
  }

  #refuse({ id, step, state }: Run, why: string): never {
    const where = `“${this.titleOf(id)}” stands at ${this.nameOf(step)} (${state})`
    throw localappError('LOCALAPP_CONFLICT', `${why}: ${where}.`, 'To do a step again, revert to it.')
  }
}

const none = { done: 0, total: 0, note: '', error: '' }
