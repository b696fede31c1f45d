import { createHash } from 'node:crypto'
import {
  fieldsSchema,
  localappError,
  type PluginContext,
  type ReadContext,
  type WriteContext,
} from '@localapp/core'
import {
  type Attempt,
  attemptFields,
  type Ended,
  keptFields,
  type Progress,
  type Run,
  runFields,
} from './run.ts'
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
  const keeps = table('kept', keptFields)
  const committed: Reading = { table: app.reader }

  const nameOf = (step: string) => `“${steps.find(({ id }) => id === step)?.title ?? step}”`
  const titleOf = (run: number) => `${title} ${run}`
  const indexOf = (step: string) => steps.findIndex(({ id }) => id === step)
  const codes = new Map(steps.map((step) => [step.id, codeOf(step)]))

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
  const live = ({ table }: Reading, run: number) =>
    table(attempts).all({
      where: [
        ['run', '=', run],
        ['state', '!=', 'reverted'],
      ],
    })

  const add = (
    { table }: Writing,
    run: number,
    step: string,
    attempt: Partial<Attempt> & Pick<Attempt, 'state'>,
  ) => table(attempts).insert({ ...attempt, run, step, code: codes.get(step) ?? '' })

  /** Moves a run to the first step that is not done. Work begins there, unless `begins` is false. */
  const goOn = (writing: Writing, run: number, begins = true) => {
    const states = new Map(live(writing, run).map(({ step, state }) => [step, state as Run['state']]))
    const next = steps.find(({ id }) => !['done', 'skipped'].includes(states.get(id) ?? ''))
    if (begins && next && isWork(next) && !states.has(next.id)) {
      add(writing, run, next.id, { state: 'running' })
      states.set(next.id, 'running')
    }
    const { id: step = '' } = next ?? steps.at(-1) ?? {}
    const state = states.get(step) ?? (next?.run ? 'stopped' : 'waiting')
    return writing.table(runs).update(run, { step, state })
  }

  const begin = ({ table }: Writing) => table(runs).insert({ step: '', state: 'waiting' })

  /** Supersedes a step and all after it. Work that is superseded begins again when someone says so. */
  const revert = (writing: Writing, run: number, step: string) => {
    const gone = live(writing, run).filter((attempt) => indexOf(attempt.step) >= indexOf(step))
    if (gone.length === 0) refuse(get(writing, run), `${nameOf(step)} has nothing to revert`)
    for (const { id } of gone) writing.table(attempts).update(id, { state: 'reverted' })
    return goOn(writing, run, false)
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
        const own = tried.filter(({ step }) => step === id)
        const latest = own.findLast(({ state }) => state !== 'reverted')?.state
        const state: Run['state'] | 'skipped' | 'later' =
          latest === 'done' || latest === 'skipped' ? latest : id === run.step ? run.state : 'later'
        // While it stands reverted, what it gave before; but an approval is of what is there now.
        const last = own.findLast(({ state, output }) => output !== '' && !(approval && state === 'reverted'))
        const output: unknown = last && state !== 'skipped' ? JSON.parse(last.output) : undefined
        return { id, title, state, output, outdated: Boolean(last?.code) && last?.code !== codes.get(id) }
      })
      const index = indexOf(run.step)
      const at = seen[index]
      if (at) at.output ??= steps[index]?.defaults?.(givenBy(seen.slice(0, index)))
      const last = tried.findLast(({ step }) => step === run.step)
      const { done = 0, total = 0, note = '', error = '' } = last ?? {}
      return { ...run, progress: { done, total, note }, error, steps: seen }
    },

    start: (writing: Writing) => goOn(writing, begin(writing).id),

    /** Takes an answer or, where it is `undefined`, an approval, which gives what the step before gave. */
    give(writing: Writing, run: number, step: string, answer: unknown) {
      const seen = get(writing, run)
      if (seen.step !== step || isBusy(seen)) refuse(seen, `${nameOf(step)} does not wait`)
      const passed = live(writing, run).findLast(({ state }) => state === 'done')?.output
      const output = answer === undefined ? passed : JSON.stringify(answer)
      add(writing, run, step, { state: 'done', output: output ?? 'null' })
      return goOn(writing, run)
    },

    retry(writing: Writing, run: number) {
      const seen = get(writing, run)
      const at = steps[indexOf(seen.step)]
      if (!at || !isWork(at) || isBusy(seen)) refuse(seen, 'There is nothing to try again')
      add(writing, run, seen.step, { state: 'running' })
      return goOn(writing, run)
    },

    /** Makes a run that stands at a step, with what an older one gave before it. */
    copy(writing: Writing, run: number, step: string) {
      const { id } = begin(writing)
      for (const attempt of live(writing, run)) writing.table(attempts).insert({ ...attempt, run: id })
      return revert(writing, id, step)
    },

    revert,

    /** Counts what the end of the app has cut off. At the second time in a row it may be what ends the app, and has failed. */
    resume(writing: Writing) {
      for (const { id, run, step, cuts } of running(writing)) {
        const { resumes = true } = steps[indexOf(step)] ?? {}
        const failed = cuts > 0 || !resumes
        const error = 'The app ended in the middle of this. See what it has done, and retry.'
        writing.table(attempts).update(id, failed ? { state: 'failed', error } : { cuts: cuts + 1 })
        if (failed) goOn(writing, run)
      }
    },

    /** The app ends. */
    pause(writing: Writing) {
      for (const { id } of running(writing)) writing.table(attempts).update(id, { cuts: -1 })
    },

    /** The first try of a step that counts, and what all of them have kept. */
    kept(run: number, step: string) {
      const tried = live(committed, run).flatMap((attempt) => (attempt.step === step ? attempt.id : []))
      const kept = app.reader(keeps).all({ where: [['attempt', 'in', tried]] })
      return { first: tried[0], kept: new Map(kept.map(({ key, output }) => [key, output])) }
    },

    keep(writing: Writing, attempt: number, key: string, output: string) {
      writing.table(keeps).insert({ attempt, key, output })
      // What gets on is not what ends the app.
      writing.table(attempts).update(attempt, { cuts: 0 })
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
      const state = 'error' in ended ? 'failed' : fields || approval ? 'waiting' : 'done'
      table.update(id, { state, ...ended })
      if ('error' in ended && retry < retries) {
        const note = `Trying again. ${ended.error}`
        add(writing, run, step, { state: 'running', retry: retry + 1, note })
      }
      goOn(writing, run)
    },
  }
}

const isBusy = ({ state }: Run) => state === 'running' || state === 'done'

/** Whether a step begins by itself, if only to find that it is skipped. */
export const isWork = ({ run, when }: NamedStep) => run !== undefined || when.length > 0

/** A digest of all that is written in a step; of what it imports, nothing is known. */
function codeOf(step: NamedStep) {
  const parts = [step, fieldsSchema(step.fields ?? {})]
  const text = JSON.stringify(parts, (_, part) => (typeof part === 'function' ? String(part) : part))
  return createHash('sha256').update(text).digest('base64url').slice(0, 8)
}

/** What a step after these is given. */
export function givenBy(before: readonly { id: string; state: string; output: unknown }[]) {
  return {
    input: before.findLast(({ state }) => state !== 'skipped')?.output,
    all: Object.fromEntries(before.map(({ id, output }) => [id, output])),
  }
}
