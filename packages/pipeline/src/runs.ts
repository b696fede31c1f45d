import {
  localappError,
  type PluginContext,
  type ReadContext,
  type Stored,
  type Table,
  t,
  type WriteContext,
} from '@localapp/core'
import type { Attempt, Ended, Progress, Run, RunState, Seen, SeenStep } from './run.ts'
import type { Step } from './step.ts'

/** An open transaction; where no one acts in it, the pipeline does. */
export type Writing = Pick<WriteContext, 'table'> & Partial<Pick<WriteContext, 'actor'>>

const tablesOf = ({ table }: PluginContext) => ({
  /** `step` and `state` follow from the attempts. Here lists find them, and an approval holds for one version of them. */
  runs: table('run', {
    title: t.text(),
    step: t.text(),
    state: t.pick(['waiting', 'running', 'failed', 'stopped', 'done']),
  }),
  /** What was done for each step; `reverted` counts no more. A step that waits for a person has none. */
  attempts: table('attempt', {
    run: t.integer({ index: true }),
    step: t.text(),
    number: t.integer(),
    retry: t.integer({ default: 0 }),
    state: t.pick(['running', 'done', 'failed', 'reverted'], { index: true }),
    output: t.longText({ max: 1_000_000_000 }),
    error: t.longText(),
    done: t.number({ default: 0 }),
    total: t.number({ default: 0 }),
    note: t.longText(),
    who: t.text(),
  }),
})

type Tables = ReturnType<typeof tablesOf>
type AttemptRow = Stored<Tables['attempts']['fields']>

const cutOff = 'The app was stopped during this step.'

/** The runs of one pipeline in the store. Whatever moves a run is a short write that changes its attempts. */
export class Runs {
  readonly title: string
  readonly steps: readonly Step[]
  readonly table: Table
  readonly #runs: Tables['runs']
  readonly #attempts: Tables['attempts']
  readonly #committed: Pick<ReadContext, 'table'>

  constructor(context: PluginContext, title: string, steps: readonly Step[]) {
    const { runs, attempts } = tablesOf(context)
    this.table = runs
    this.#runs = runs
    this.#attempts = attempts
    this.#committed = { table: (table) => context.app.reader(table) }
    this.title = title
    this.steps = steps
  }

  /** What is announced when this run moves. */
  topic(run: number): string {
    return `${this.table.name}/${run}`
  }

  /** What a step is called. */
  nameOf(step: string): string {
    return `“${this.steps.find(({ id }) => id === step)?.title ?? step}”`
  }

  /** Newest first. */
  list(limit: number): Run[] {
    return this.#committed.table(this.#runs).all({ order: [['id', 'desc']], limit })
  }

  has(id: number): boolean {
    return this.#committed.table(this.#runs).find(id) !== undefined
  }

  /** Throws `LOCALAPP_NOT_FOUND` when there is no such run. */
  see(id: number): Seen {
    const run = this.#get(this.#committed, id)
    const attempts = this.#committed.table(this.#attempts).all({ where: [['run', '=', id]] })
    const steps = this.steps.map(({ id, kind, title }): SeenStep => {
      const last = attempts.findLast(({ step, output }) => step === id && output !== '')
      const state = last?.state === 'done' ? 'done' : id === run.step ? run.state : 'later'
      return { id, kind, title, state, output: last && JSON.parse(last.output) }
    })
    const { done, total, note, error } = attempts.findLast(({ step }) => step === run.step) ?? none
    return { ...run, progress: { done, total, note }, error, steps }
  }

  /** All that stands as running, whether or not this process works on it. */
  running(): Attempt[] {
    return this.#committed.table(this.#attempts).all({ where: [['state', '=', 'running']] })
  }

  start(writing: Writing, title: string | null): Run {
    const runs = writing.table(this.#runs)
    const { id } = runs.insert({ title: '', step: '', state: 'waiting' })
    runs.update(id, { title: title ?? `${this.title} ${id}` })
    return this.#goOn(writing, id)
  }

  /** Takes an answer or, where it is `undefined`, an approval, which gives what the step before gave. */
  give(writing: Writing, id: number, step: string, answer: unknown): Run & { readonly attempt: number } {
    const run = this.#get(writing, id)
    if (run.step !== step || run.state !== 'waiting') this.#refuse(run, `${this.nameOf(step)} does not wait`)
    const before = this.steps[this.steps.findIndex((each) => each.id === step) - 1]?.id
    const passed = this.#live(writing, id).findLast((attempt) => attempt.step === before)?.output
    const output = answer === undefined ? passed : JSON.stringify(answer)
    const attempt = this.#begin(writing, { run: id, step }, { state: 'done', output: output ?? 'null' })
    return { ...this.#goOn(writing, id), attempt }
  }

  /** Begins a step again that has failed or was stopped. */
  retry(writing: Writing, id: number): Run {
    const run = this.#get(writing, id)
    if (run.state !== 'failed' && run.state !== 'stopped') this.#refuse(run, 'There is nothing to try again')
    this.#begin(writing, { run: id, step: run.step })
    return this.#goOn(writing, id)
  }

  /** Supersedes a step and all after it. Work that is superseded begins again when someone says so. */
  revert(writing: Writing, id: number, step: string): Run {
    const gone = this.#live(writing, id, this.#from(step))
    if (gone.length === 0) this.#refuse(this.#get(writing, id), `${this.nameOf(step)} has nothing to revert`)
    for (const attempt of gone) writing.table(this.#attempts).update(attempt.id, { state: 'reverted' })
    return this.#goOn(writing, id, false)
  }

  /** Takes a start back: the run goes. Refused once someone has answered. */
  undoStart(writing: Writing, id: number): void {
    this.#expectUnanswered(writing, id, this.steps)
    const attempts = writing.table(this.#attempts)
    for (const attempt of attempts.all({ where: [['run', '=', id]] })) attempts.delete(attempt.id)
    writing.table(this.#runs).delete(id)
  }

  /** Takes an answer or an approval back. Refused once it was reverted, or a later step was answered. */
  undoGive(writing: Writing, attempt: number): void {
    const { run, step, state } = writing.table(this.#attempts).get(attempt)
    if (state !== 'done') throw notUndoable(`${this.nameOf(step)} was reverted since`)
    this.#expectUnanswered(writing, run, this.#from(step).slice(1))
    this.revert(writing, run, step)
  }

  progress(writing: Writing, attempt: number, progress: Progress): void {
    const attempts = writing.table(this.#attempts)
    if (attempts.find(attempt)?.state === 'running') attempts.update(attempt, progress)
  }

  /** Writes down how work ended, and begins what follows. What was superseded meanwhile counts no more. */
  end(writing: Writing, { id, run, step, retry }: Attempt, ended: Ended): void {
    const attempts = writing.table(this.#attempts)
    if (attempts.find(id)?.state !== 'running') return
    const error = 'error' in ended && ended.error
    attempts.update(id, { ...ended, state: error === false ? 'done' : 'failed' })
    const declared = this.steps.find((each) => each.id === step)
    // Not for ever: a step may be what stops the app.
    const retries = error === cutOff ? 3 : declared?.kind === 'run' && declared.retries
    if (error !== false && declared && retry < (retries || 0))
      this.#begin(writing, { run, step }, { retry: retry + 1, note: `Trying again. ${error}` })
    this.#goOn(writing, run)
  }

  /** After a restart: what was cut off is tried again, and what stands at a step that is gone finds its place. */
  resume(writing: Writing): void {
    for (const attempt of this.running()) this.end(writing, attempt, { error: cutOff })
    for (const { id, step } of writing.table(this.#runs).all({ where: [['state', '!=', 'done']] }))
      if (this.steps.every((each) => each.id !== step)) this.#goOn(writing, id, false)
  }

  /** Moves a run to the first step that is not done. Work begins there, unless `begins` is false. */
  #goOn(writing: Writing, id: number, begins = true): Run {
    const live = new Map(this.#live(writing, id).map((attempt) => [attempt.step, attempt.state]))
    const next = this.steps.find((step) => live.get(step.id) !== 'done')
    let state: RunState = next ? 'waiting' : 'done'
    if (next?.kind === 'run') {
      if (begins && !live.has(next.id)) this.#begin(writing, { run: id, step: next.id })
      state = begins || live.has(next.id) ? 'running' : 'stopped'
      if (live.get(next.id) === 'failed') state = 'failed'
    }
    const { id: step = '' } = next ?? this.steps.at(-1) ?? {}
    return writing.table(this.#runs).update(id, { step, state })
  }

  #begin(
    writing: Writing,
    { run, step }: Pick<Attempt, 'run' | 'step'>,
    more: Partial<AttemptRow> = {},
  ): number {
    const attempts = writing.table(this.#attempts)
    const earlier = attempts.all({ where: [['run', '=', run]] }).filter((attempt) => attempt.step === step)
    const who = writing.actor?.kind ?? 'plugin'
    return attempts.insert({ run, step, number: earlier.length + 1, state: 'running', who, ...more }).id
  }

  /** The attempts of these steps that count, oldest first. */
  #live(writing: Writing, id: number, steps = this.steps): AttemptRow[] {
    const attempts = writing.table(this.#attempts).all({ where: [['run', '=', id]] })
    return attempts.filter(({ step, state }) => state !== 'reverted' && steps.some(({ id }) => id === step))
  }

  #from(step: string): readonly Step[] {
    return this.steps.slice(this.steps.findIndex(({ id }) => id === step))
  }

  #expectUnanswered(writing: Writing, id: number, steps: readonly Step[]): void {
    const answered = this.#live(
      writing,
      id,
      steps.filter(({ kind }) => kind !== 'run'),
    )[0]
    if (answered) throw notUndoable(`${this.nameOf(answered.step)} was answered since`)
  }

  #get(reading: Pick<ReadContext, 'table'>, id: number): Run {
    const run = reading.table(this.#runs).find(id)
    if (run) return run
    throw localappError('LOCALAPP_NOT_FOUND', `There is no run ${id}.`, 'Look into the list of runs.')
  }

  #refuse(run: Run, why: string): never {
    const where = `“${run.title}” stands at ${this.nameOf(run.step)} (${run.state})`
    throw localappError('LOCALAPP_CONFLICT', `${why}: ${where}.`, 'To do a step again, revert to it.')
  }
}

const none = { done: 0, total: 0, note: '', error: '' }

const notUndoable = (why: string): Error =>
  localappError(
    'LOCALAPP_NOT_UNDOABLE',
    `This cannot be undone: ${why}.`,
    'Revert to the step that you mean.',
  )
