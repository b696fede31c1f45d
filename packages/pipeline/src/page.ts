import {
  type Action,
  type ActionFormOptions,
  a,
  actionForm,
  type Content,
  dd,
  details,
  div,
  dl,
  dt,
  type Html,
  h1,
  h2,
  labelOf,
  nav,
  type PluginContext,
  p,
  pre,
  progress,
  section,
  span,
  summary,
  table,
  tbody,
  td,
  th,
  thead,
  time,
  tr,
} from '@localapp/core'
import type { PipelineActions } from './actions.ts'
import { type Engine, givenTo } from './engine.ts'
import type { Runs, Seen, SeenStep } from './runs.ts'
import type { Step } from './step.ts'

/** Declares the list of runs and the page of a run. */
export function declarePages(
  { page }: PluginContext,
  plugin: string,
  title: string,
  steps: readonly Step[],
  runs: Runs,
  engine: Engine,
  actions: PipelineActions,
): void {
  page('/', async ({ region }) => [
    h1(title),
    actionForm(actions.start, { id: 'start', only: [] }),
    await region(`${plugin}-runs`, [runs.table.name], () => {
      const rows = runs
        .list(100)
        .map(({ run, title, state, step, startedAt }) =>
          tr(
            td(a({ href: `/${plugin}/${run}` }, title)),
            td(span({ class: 'tag' }, state)),
            td(state !== 'done' && steps.find(({ id }) => id === step)?.title),
            td(time({ datetime: startedAt }, new Date(startedAt).toLocaleString())),
          ),
        )
      if (rows.length === 0) return p('Nothing has been started yet.')
      const heads = ['Run', 'State', 'Step', 'Started'].map((head) => th(head))
      return div({ class: 'table' }, table(thead(tr(heads)), tbody(rows)))
    }),
  ])

  page('/:run', async ({ params, region, partial }) => [
    nav({ 'aria-label': 'Back' }, a({ href: `/${plugin}` }, title)),
    await region(`${plugin}-run`, [runs.table.name, runs.topic(Number(params.run))], () => {
      // A page that is open outlives its run; one that is asked for does not.
      if (partial && !runs.has(Number(params.run))) return p('This run was taken back.')
      const seen = engine.see(Number(params.run))
      return [h1(seen.title), seen.steps.map((each, index) => block(seen, each, steps[index] as Step))]
    }),
  ])

  function block(seen: Seen, { id, title, state, output }: SeenStep, step: Step): Html {
    const form = (
      action: Action | undefined,
      submit: string,
      values?: ActionFormOptions['values'],
    ): Content =>
      action &&
      actionForm(action, {
        id: `${action.name}-${id}`,
        hidden: { run: seen.run, ...('step' in action.input && { step: id }) },
        returnTo: `/${plugin}/${seen.run}`,
        submit,
        values,
      })
    const card = (...content: Content[]): Html =>
      section({ id: `step-${id}`, class: 'card' }, h2(title), content)
    switch (state) {
      case 'later':
        return p({ class: 'help' }, title)
      case 'done': {
        const open = seen.state === 'done' && step === steps.at(-1)
        const content = [shown(step, seen, output), form(actions.revert, 'Revert')]
        return details({ id: `step-${id}`, class: 'card', open }, summary('✓ ', title), content)
      }
      case 'running': {
        const { done, total, note } = seen.progress
        const bar = progress({ 'aria-label': title, ...(total > 0 && { value: done, max: total }) })
        const words = p({ class: 'help', role: 'status' }, total > 0 && `${done} of ${total} `, note)
        return card(bar, words, form(actions.revert, 'Stop'))
      }
      case 'waiting':
        return step.kind === 'ask'
          ? card(
              step.help && p(step.help),
              form(actions.answers[id], 'Go on', output as ActionFormOptions['values']),
            )
          : card(shown(step, seen, output), form(actions.answers[id], 'Approve'))
      default:
        return card(
          p({ class: 'error', role: 'alert' }, state === 'failed' ? seen.error : 'This was stopped.'),
          form(actions.retry, 'Retry'),
        )
    }
  }
}

/** What a step shows of itself. A way to show that fails is no reason to hide the run. */
function shown(step: Step, { steps }: Seen, output: unknown): Content {
  try {
    if (step.kind === 'approve') return step.show(givenTo(step.id, steps))
    if (step.kind === 'run')
      return step.show
        ? step.show({ output })
        : div({ class: 'table' }, pre(JSON.stringify(output, null, 2).slice(0, 5_000)))
    const values = output as Record<string, unknown>
    if (step.show) return step.show({ output: values })
    return dl(
      Object.entries(step.fields).map(([name, field]) => [
        dt(labelOf(name, field)),
        dd(field.cell(values[name])),
      ]),
    )
  } catch (thrown) {
    return p({ class: 'error' }, `This cannot be shown: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
}
