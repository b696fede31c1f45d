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
  h1,
  h2,
  inWords,
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
import type { Engine } from './engine.ts'
import { sayProgress } from './run.ts'
import { givenBy, type Seen } from './runs.ts'
import type { Given, NamedStep } from './step.ts'

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

  page('/:run', async ({ params, region, slot }) => [
    nav({ 'aria-label': 'Back' }, a({ href: `/${name}` }, title)),
    await region(`${name}-run`, [runs.table.name], () => {
      const seen = runs.see(Number(params.run))
      return [h1(runs.titleOf(seen.id)), steps.map((step, index) => block(seen, step, index))]
    }),
    (await slot('run')).map(({ content }) => content),
  ])

  function block(seen: Seen, step: NamedStep, index: number) {
    const { id, title } = step
    const { state = 'later', output, outdated } = seen.steps[index] ?? {}
    if (state === 'later') return p({ class: 'help' }, title)
    if (state === 'skipped') return p({ class: 'help' }, `– ${title}: skipped`)
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
    const content = () =>
      div(
        { class: 'field' },
        shown(step, { ...givenBy(seen.steps.slice(0, index)), output }, state === 'done'),
      )
    if (state === 'done') {
      const open = seen.state === 'done' && step === steps.at(-1)
      return details(
        { ...attributes, open },
        summary('✓ ', title, outdated && [' ', span({ class: 'tag' }, 'by an older version of this step')]),
        content(),
        div({ class: 'actions' }, form(actions.revert, 'Revert'), form(actions.copy, 'Copy from here')),
      )
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
      const error = state === 'failed' ? seen.error : state === 'stopped' && 'This was stopped.'
      return [
        error && p({ class: 'error', role: 'alert' }, error),
        step.help && p(step.help),
        step.approval && content(),
        form(actions.answers[id], step.approval ? 'Approve' : 'Go on', output as Values),
        (step.run || state === 'failed') && form(actions.retry, 'Retry'),
      ]
    }
    return section(attributes, h2(title), atHand())
  }
}

type Values = ActionFormOptions['values']

/** What a step gave by its fields, or what it shows: content, records as a table, all else as JSON. */
function shown(
  { fields, show }: NamedStep,
  given: Given<unknown, unknown> & { output: unknown },
  isDone: boolean,
) {
  if (fields && isDone) {
    const values = given.output as Record<string, unknown>
    const listed = Object.entries(fields)
    return dl(listed.map(([name, field]) => [dt(labelOf(name, field)), dd(field.cell(values[name]))]))
  }
  const content = show ? show(given) : given.output
  const text = (value: unknown) =>
    typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
  if (Array.isArray(content) && content[0]?.constructor === Object) {
    const names = Object.keys(content[0])
    const rows = content.map((record) => tr(names.map((name) => td(text(record[name])))))
    return div({ class: 'table' }, table(tr(names.map((name) => th(inWords(name)))), rows))
  }
  return show ? (content as Content) : div({ class: 'table' }, pre(text(content)))
}
