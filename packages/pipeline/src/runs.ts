import { localappError, type PluginContext, type ReadContext, type WriteContext } from '@localapp/core'
import { type Attempt, attemptFields, type Ended, type Progress, type Run, runFields } from './run.ts'
import type { NamedStep } from './step.ts'

type Reading = Pick<ReadContext, 'table'>
export type Writing = Pick<WriteContext, 'table'>

export type Runs = ReturnType<typeof openRuns>

/** A run with where it stands, for pages and programs. */
export type Seen = ReturnType<Runs['see']>

/** The runs of one pipeline in the store. Whatever moves a run is a short write that changes its attempts. */
export function openRuns({ app, table }: PluginContext, title: string, steps: readonly NamedStep[]) {
  const runs = table('run', runFields)
  const attempts = table('attempt', attemptFields)
  const committed: Reading = { table: app.reader }

  const nameOf = (step: string) => `“${steps.find(({ id }) => id === step)?.title ?? step}”`
  const titleOf = (run: number) => `${title} ${run}`
  const indexOf = (step: string) => steps.findIndex(({ id }) => id === step)

  const get = (reading: Reading, id: number) => {
    const run = reading.table(runs).find(id)
    if (run) return run
    throw localappError('LOCALAPP_NOT_FOUND', `There is no run ${id}.`, 'Look into the list of runs.')
  }

  const refuse = ({ id, step, state }: Run, why: string): never => {
    const where = `“${titleOf(id)}” stands at ${nameOf(step)} (${state})`
    throw localappError('LOCALAPP_CONFLICT', `${why}: ${where}.`, 'To do a step again, revert to it.')
  }

  /** Also what this process does not work on. */
  const running = (reading = committed) => reading.table(attempts).all({ where: [['state', '=', 'running']] })

  /** The attempts that count, oldest first. */
  const live = ({ table }: Writing, run: number) =>
    table(attempts).all({
      where: [
        ['run', '=', run],
        ['state', '!=', 'reverted'],
      ],
    })

  /** Moves a run to the first step that is not done. Work begins there, unless `begins` is false. */
  const goOn = (writing: Writing, run: number, begins = true) => {
    const states = new Map(live(writing, run).map(({ step, state }) => [step, state as Run['state']]))
    const next = steps.find(({ id }) => states.get(id) !== 'done')
    if (begins && next?.run && !states.has(next.id)) {
      writing.table(attempts).insert({ run, step: next.id, state: 'running' })
      states.set(next.id, 'running')
    }
    const { id: step = '' } = next ?? steps.at(-1) ?? {}
    const state = states.get(step) ?? (next?.run ? 'stopped' : 'waiting')
    return writing.table(runs).update(run, { step, state })
  }

  return {
    title,
    steps,
    table: runs,
    nameOf,
    titleOf,
    running,

    list: () => app.reader(runs).all({ order: ['id', 'desc'], limit: 50 }),

    see(id: number) {
      const run = get(committed, id)
      const tried = app.reader(attempts).all({ where: [['run', '=', id]] })
      const seen = steps.map(({ id, title, approval }) => {
        const last = tried.findLast(
          // While it stands reverted, what it gave before; but an approval is of what is there now.
          ({ step, state, output }) => step === id && output !== '' && !(approval && state === 'reverted'),
        )
        const state: Run['state'] | 'later' =
          last?.state === 'done' ? 'done' : id === run.step ? run.state : 'later'
        const output: unknown = last && JSON.parse(last.output)
        return { id, title, state, output }
      })
      const index = indexOf(run.step)
      const at = seen[index]
      if (at) at.output ??= steps[index]?.defaults?.(givenBy(seen.slice(0, index)))
      const last = tried.findLast(({ step }) => step === run.step)
      const { done = 0, total = 0, note = '', error = '' } = last ?? {}
      return { ...run, progress: { done, total, note }, error, steps: seen }
    },

    start: (writing: Writing) => goOn(writing, writing.table(runs).insert({ step: '', state: 'waiting' }).id),

    /** Takes an answer or, where it is `undefined`, an approval, which gives what the step before gave. */
    give(writing: Writing, run: number, step: string, answer: unknown) {
      const seen = get(writing, run)
      if (seen.step !== step || isBusy(seen)) refuse(seen, `${nameOf(step)} does not wait`)
      const before = steps[indexOf(step) - 1]?.id
      const passed = live(writing, run).findLast((attempt) => attempt.step === before)?.output
      const output = answer === undefined ? passed : JSON.stringify(answer)
      writing.table(attempts).insert({ run, step, state: 'done', output: output ?? 'null' })
      return goOn(writing, run)
    },

    retry(writing: Writing, run: number) {
      const seen = get(writing, run)
      if (!steps[indexOf(seen.step)]?.run || isBusy(seen)) refuse(seen, 'There is nothing to try again')
      writing.table(attempts).insert({ run, step: seen.step, state: 'running' })
      return goOn(writing, run)
    },

    /** Supersedes a step and all after it. Work that is superseded begins again when someone says so. */
    revert(writing: Writing, run: number, step: string) {
      const gone = live(writing, run).filter((attempt) => indexOf(attempt.step) >= indexOf(step))
      if (gone.length === 0) refuse(get(writing, run), `${nameOf(step)} has nothing to revert`)
      for (const { id } of gone) writing.table(attempts).update(id, { state: 'reverted' })
      return goOn(writing, run, false)
    },

    /** Counts what the end of the app has cut off. At the second time in a row it may be what ends the app, and has failed. */
    resume(writing: Writing) {
      for (const { id, run, cuts } of running(writing)) {
        const error = 'The app ended in the middle of this, twice in a row.'
        writing.table(attempts).update(id, cuts > 0 ? { state: 'failed', error } : { cuts: cuts + 1 })
        if (cuts > 0) goOn(writing, run)
      }
    },

    /** The app ends. */
    pause(writing: Writing) {
      for (const { id } of running(writing)) writing.table(attempts).update(id, { cuts: -1 })
    },

    progress(writing: Writing, attempt: number, progress: Progress) {
      const table = writing.table(attempts)
      if (table.find(attempt)?.state === 'running') table.update(attempt, progress)
    },

    /** Writes down how work ended, and begins what follows. What was superseded meanwhile counts no more. */
    end(writing: Writing, { id, run, step, retry }: Attempt, ended: Ended) {
      const table = writing.table(attempts)
      if (table.find(id)?.state !== 'running') return
      const { fields, approval, retries = 0 } = steps[indexOf(step)] ?? {}
      table.update(id, {
        ...ended,
        state: 'error' in ended ? 'failed' : fields || approval ? 'waiting' : 'done',
      })
      if ('error' in ended && retry < retries) {
        const note = `Trying again. ${ended.error}`
        table.insert({ run, step, state: 'running', retry: retry + 1, note })
      }
      goOn(writing, run)
    },
  }
}

const isBusy = ({ state }: Run) => state === 'running' || state === 'done'

/** What a step after these is given. */
export function givenBy(before: readonly { id: string; output: unknown }[]) {
  return {
    input: before.at(-1)?.output,
    all: Object.fromEntries(before.map(({ id, output }) => [id, output])),
  }
}
