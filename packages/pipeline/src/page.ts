import {
  type Action,
  type ActionFormOptions,
  a,
  actionForm,
  dd,
  details,
  div,
  dl,
  dt,
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
  td,
  th,
  time,
  tr,
} from '@localapp/core'
import type { declareActions } from './actions.ts'
import { type Engine, givenTo } from './engine.ts'
import { sayProgress } from './run.ts'
import type { Seen } from './runs.ts'
import type { Step } from './step.ts'

export function declarePages(
  { page }: PluginContext,
  engine: Engine,
  actions: ReturnType<typeof declareActions>,
) {
  const { name, runs } = engine
  const { steps, title } = runs

  page('/', async ({ region }) => [
    h1(title),
    actionForm(actions.start, { id: 'start', only: [] }),
    await region(`${name}-runs`, [runs.table.name], () => {
      const rows = runs
        .list()
        .map(({ id, state, step, createdAt }) =>
          tr(
            td(a({ href: `/${name}/${id}` }, runs.titleOf(id))),
            td(span({ class: 'tag' }, state), state !== 'done' && ` ${runs.nameOf(step)}`),
            td(time({ datetime: createdAt }, new Date(createdAt).toLocaleString())),
          ),
        )
      if (rows.length === 0) return p('Nothing has been started yet.')
      return div({ class: 'table' }, table(tr(th('Run'), th('State'), th('Started')), rows))
    }),
  ])

  page('/:run', async ({ params, region }) => [
    nav({ 'aria-label': 'Back' }, a({ href: `/${name}` }, title)),
    await region(`${name}-run`, [runs.table.name], () => {
      const seen = runs.see(Number(params.run))
      return [
        h1(runs.titleOf(seen.id)),
        seen.steps.map((each, index) => block(seen, each, steps[index] as Step)),
      ]
    }),
  ])

  function block(seen: Seen, { id, title, state, output }: Seen['steps'][number], step: Step) {
    if (state === 'later') return p({ class: 'help' }, title)
    const form = (action: Action | undefined, submit: string, values?: Values) =>
      action &&
      actionForm(action, {
        // With the same id in two states, htmx would morph the step, which then stayed closed.
        id: `${action.name}-${id}-${state}`,
        hidden: { run: seen.id, ...('step' in action.input && { step: id }) },
        returnTo: `/${name}/${seen.id}`,
        submit,
        values,
      })
    const attributes = { id: `step-${id}`, class: 'card' }
    const content = () => div({ class: 'field' }, shown(step, seen, output))
    if (state === 'done') {
      const open = seen.state === 'done' && step === steps.at(-1)
      return details({ ...attributes, open }, summary('✓ ', title), content(), form(actions.revert, 'Revert'))
    }
    const atHand = () => {
      if (state === 'running') {
        const { done, total } = seen.progress
        return [
          progress({ 'aria-label': title, ...(total > 0 && { value: done, max: total }) }),
          p({ class: 'help', role: 'status' }, sayProgress(seen.progress)),
          form(actions.revert, 'Stop'),
        ]
      }
      if (state !== 'waiting') {
        const error = state === 'failed' ? seen.error : 'This was stopped.'
        return [p({ class: 'error', role: 'alert' }, error), form(actions.retry, 'Retry')]
      }
      return step.kind === 'ask'
        ? [step.help && p(step.help), form(actions.answers[id], 'Go on', output as Values)]
        : [content(), form(actions.answers[id], 'Approve')]
    }
    return section(attributes, h2(title), atHand())
  }
}

type Values = ActionFormOptions['values']

function shown(step: Step, { steps }: Seen, output: unknown) {
  if (step.kind === 'approve') return step.show(givenTo(step.id, steps))
  if (step.kind === 'run')
    return step.show ? step.show({ output }) : div({ class: 'table' }, pre(JSON.stringify(output, null, 2)))
  const values = output as Record<string, unknown>
  const fields = Object.entries(step.fields)
  return dl(fields.map(([name, field]) => [dt(labelOf(name, field)), dd(field.cell(values[name]))]))
}
