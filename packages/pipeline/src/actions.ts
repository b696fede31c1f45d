import { type Action, type ActionDeclaration, type Fields, type PluginContext, t } from '@localapp/core'
import type { Engine } from './engine.ts'
import type { Run } from './run.ts'
import { isWork } from './runs.ts'

export function declareActions({ action }: PluginContext, engine: Engine) {
  const { runs } = engine
  const { steps, title, nameOf, titleOf } = runs
  const run = t.integer({ min: 1, help: 'The id of the run, as the list gives it.' })
  const beginsAt = (index: number) => steps.slice(index, index + 1).some(isWork)

  /** Declares what changes a run. What sets off work is `external`: the work begins once the change is committed. */
  const change = (
    name: string,
    setsOffWork: boolean,
    { run: work, summary, ...declared }: Omit<ActionDeclaration<Fields, 'write', Run>, 'effect'>,
  ) =>
    action<Fields, 'write' | 'external', Run>(name, {
      ...declared,
      effect: setsOffWork ? 'external' : 'write',
      summary: (input, output) => `${titleOf(output.id)}: ${summary?.(input, output)}`,
      ...(declared.input && {
        record: { table: runs.table, id: (input) => Number(input.run), label: ({ id }) => titleOf(id) },
      }),
      run: (input, context) =>
        'commit' in context ? context.commit((writing) => work(input, writing)) : work(input, context),
    })

  const start = change('start', beginsAt(0), {
    description: `Starts a run of ${title}.`,
    run: (_input, writing) => runs.start(writing),
    summary: () => 'started',
    to: ({ id }) => `/${engine.name}/${id}`,
  })
  /** What answers each step that waits for a person, by its id. */
  const answers: Record<string, Action> = {}
  for (const [index, step] of steps.entries()) {
    const { id, help = '', fields, approval = false, check } = step
    if (!fields && !approval) continue
    answers[id] = change(`answer-${id}`, approval || beginsAt(index + 1), {
      title: step.title,
      description: `${approval ? 'Approves' : 'Answers'} ${nameOf(id)} in a run of ${title}. ${help}`,
      input: { ...fields, run },
      check: ({ run: _run, ...answer }) => check?.(answer),
      run: ({ run, ...answer }, writing) => runs.give(writing, Number(run), id, fields && answer),
      summary: () => `${nameOf(id)} ${approval ? 'approved' : 'answered'}`,
    })
  }
  const retry = change('retry', true, {
    description: `Begins the step again at which a run of ${title} has failed or was stopped.`,
    input: { run },
    run: ({ run }, writing) => runs.retry(writing, Number(run)),
    summary: (_input, { step }) => `${nameOf(step)} tried again`,
  })
  const at = { run, step: t.pick(steps.map(({ id }) => id)) }
  const revert = change('revert', false, {
    description: `Takes a step of a run of ${title} back, and all after it, to be done again. Stops what is under way.`,
    input: at,
    run: ({ run, step }, writing) => runs.revert(writing, Number(run), String(step)),
    summary: ({ step }) => `${nameOf(String(step))} reverted`,
  })
  const copy = change('copy', false, {
    description: `Makes a new run of ${title} that stands at a step, with what this one gave before it.`,
    input: at,
    run: ({ run, step }, writing) => runs.copy(writing, Number(run), String(step)),
    summary: ({ run }) => `copied from ${titleOf(Number(run))}`,
    to: ({ id }) => `/${engine.name}/${id}`,
  })
  action('list', {
    effect: 'read',
    description: `The newest runs of ${title}, and where they stand.`,
    run: () => runs.list(),
  })
  action('show', {
    effect: 'read',
    description: `A run of ${title} with all its steps and what they gave.`,
    input: {
      run,
      seconds: t.number({
        default: 0,
        min: 0,
        max: 50,
        help: 'Waits so long, at most, while the run works.',
      }),
    },
    run: ({ run, seconds }) => engine.wait(run, seconds),
  })
  return { start, answers, retry, revert, copy }
}
