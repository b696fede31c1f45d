import { type Action, type ActionDeclaration, type Fields, type PluginContext, t } from '@localapp/core'
import type { Engine } from './engine.ts'
import type { Run } from './run.ts'
import type { Step } from './step.ts'

/** The actions that the pages are made of. */
export interface PipelineActions {
  readonly start: Action
  /** What answers each step that waits for a person, by its id. */
  readonly answers: Readonly<Record<string, Action>>
  readonly retry: Action
  readonly revert: Action
}

/** Declares all that can be done with the runs of a pipeline. */
export function declareActions({ action }: PluginContext, engine: Engine): PipelineActions {
  const { runs } = engine
  const { steps, title } = runs
  const run = t.integer({ min: 1, help: 'The id of the run, as the list gives it.' })
  const isWork = (index: number): boolean => steps[index]?.kind === 'run'
  const stepIn = (among: readonly Step[]) => t.pick(among.map(({ id }) => id))

  /** Declares what changes a run. What sets off work is `external`: the work begins once the change is committed. */
  const change = <Output extends Run>(
    name: string,
    setsOffWork: boolean,
    { run: work, summary, ...declared }: Omit<ActionDeclaration<Fields, 'write', Output>, 'effect'>,
  ): Action =>
    action<Fields, 'write' | 'external', Output>(name, {
      ...declared,
      effect: setsOffWork ? 'external' : 'write',
      summary: (input, output) => `${output.title}: ${summary?.(input, output)}`,
      ...(declared.input?.run && {
        record: { table: runs.table, id: (input) => Number(input.run), label: (row) => String(row.title) },
      }),
      run: (input, context) =>
        'commit' in context ? context.commit((writing) => work(input, writing)) : work(input, context),
    })

  const start = change('start', isWork(0), {
    description: `Starts a run of ${title}.`,
    input: { title: t.text({ optional: true, max: 200 }) },
    run: ({ title }, writing) => runs.start(writing, title as string | null),
    summary: () => 'started',
    to: ({ id }) => `/${engine.name}/${id}`,
    undo: ({ output }, writing) => runs.undoStart(writing, output.id),
  })
  const answers: Record<string, Action> = {}
  for (const [index, step] of steps.entries()) {
    if (step.kind !== 'ask') continue
    answers[step.id] = change(`answer-${step.id}`, isWork(index + 1), {
      title: step.title,
      description: `Answers the step ${runs.nameOf(step.id)} of a run of ${title}. ${step.help ?? ''}`,
      input: { ...step.fields, run },
      check: ({ run: _run, ...answer }) => step.check?.(answer),
      run: ({ run, ...answer }, writing) => runs.give(writing, Number(run), step.id, answer),
      summary: () => `${runs.nameOf(step.id)} answered`,
      undo: ({ output }, writing) => runs.undoGive(writing, output.attempt),
    })
  }
  const approvals = steps.filter(({ kind }) => kind === 'approve')
  if (approvals.length > 0) {
    // It is the user's word, so nobody else gives it without a card.
    const approve = change('approve', true, {
      description: `Says that what a step of a run of ${title} shows is right, so that the run goes on.`,
      input: { run, step: stepIn(approvals) },
      run: ({ run, step }, writing) => runs.give(writing, Number(run), String(step), undefined),
      summary: ({ step }) => `${runs.nameOf(String(step))} approved`,
      undo: ({ output }, writing) => runs.undoGive(writing, output.attempt),
    })
    for (const { id } of approvals) answers[id] = approve
  }
  const retry = change('retry', true, {
    description: `Begins the step again at which a run of ${title} has failed or was stopped.`,
    input: { run },
    run: ({ run }, writing) => runs.retry(writing, Number(run)),
    summary: (_input, { step }) => `${runs.nameOf(step)} tried again`,
  })
  const revert = change('revert', false, {
    description: `Takes a step of a run of ${title} back, and all after it, to be done again. Stops what is under way.`,
    input: { run, step: stepIn(steps) },
    run: ({ run, step }, writing) => runs.revert(writing, Number(run), String(step)),
    summary: ({ step }) => `${runs.nameOf(String(step))} reverted`,
  })
  action('list', {
    effect: 'read',
    description: `The newest runs of ${title}, and where they stand.`,
    input: { limit: t.integer({ default: 20, min: 1, max: 200 }) },
    run: ({ limit }) => runs.list(limit),
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
  return { start, answers, retry, revert }
}
