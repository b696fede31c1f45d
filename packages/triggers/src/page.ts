import {
  type AppHandle,
  a,
  actionButton,
  actionForm,
  button,
  type Content,
  div,
  element,
  form,
  h1,
  h2,
  label,
  labelOf,
  li,
  nav,
  option,
  type PageRequest,
  p,
  section,
  select,
  small,
  span,
  time,
  ul,
} from '@localapp/core'
import type { Engine } from './engine.ts'
import { problemOfAction, tablesOf } from './examine.ts'
import { type Occasion, occasions, occasionWords, type Run, runs, type Trigger, triggers } from './trigger.ts'

const optgroup = element('optgroup')

/** What the pages show. */
export interface Shown {
  readonly app: AppHandle
  readonly engine: Engine
  readonly timeZone: string | undefined
}

export async function overview(shown: Shown, { region }: PageRequest): Promise<Content> {
  const { app } = shown
  return [
    h1('Triggers'),
    p({ class: 'help' }, 'When something happens, an action runs.'),
    firstForm(app),
    await region('triggers-list', [triggers.name, runs.name, 'localapp_entry'], () => {
      const all = app.reader(triggers).all()
      return all.length === 0
        ? p({ class: 'empty' }, 'There is no trigger yet.')
        : all.map((trigger) => card(shown, trigger))
    }),
  ]
}

/** What sets it off, and what runs: the fields of the rest follow from these. */
function firstForm({ actions, plugins }: AppHandle): Content {
  const app = { actions } as AppHandle
  const groups = Map.groupBy(
    actions.list().filter(({ id }) => problemOfAction(app, id) === undefined),
    ({ plugin }) => plugin,
  )
  const titles = new Map(plugins().map(({ name, title }) => [name, title]))
  return form(
    { method: 'get', action: '/triggers/new', class: 'card' },
    h2('New trigger'),
    div(
      { class: 'field' },
      label({ for: 'new-when' }, 'When'),
      select(
        { name: 'when', id: 'new-when' },
        occasions.map((each) => option({ value: each }, occasionWords[each])),
      ),
    ),
    div(
      { class: 'field' },
      label({ for: 'new-action' }, 'Then'),
      select(
        { name: 'action', id: 'new-action' },
        [...groups].map(([plugin, all]) =>
          optgroup(
            { label: short(titles.get(plugin) ?? plugin) },
            all.map(({ id, title }) => option({ value: id }, short(title))),
          ),
        ),
      ),
    ),
    button('Go on'),
  )
}

/** A list of choices is as wide as its longest, on a narrow screen too. */
const short = (text: string) => (text.length > 28 ? `${text.slice(0, 27).toWellFormed()}…` : text)

/** The fields that belong to an occasion. */
const fieldsOf: Record<Occasion, readonly string[]> = {
  schedule: ['schedule'],
  created: ['table'],
  changed: ['table'],
  file: ['folder'],
  start: [],
}

export async function newPage({ app }: Shown, { query }: PageRequest): Promise<Content> {
  const create = app.actions.get('triggers.create')
  const when = occasions.find((each) => each === query.when)
  const action = app.actions.get(query.action ?? '')
  if (!create || !when || !action) return [back(), h1('New trigger'), firstForm(app)]
  const required = Object.entries(action.input).filter(([, { requirement }]) => requirement === 'required')
  return [
    back(),
    h1('New trigger'),
    p(`${occasionWords[when]}: ${action.title} (${action.id}).`),
    action.description && p({ class: 'help' }, action.description),
    actionForm(
      create,
      {
        id: 'new-trigger',
        only: ['name', ...fieldsOf[when], 'input', 'on'],
        hidden: { when, action: action.id },
        values: { on: true, input: Object.fromEntries(required.map(([name]) => [name, ''])) },
        className: 'card',
      },
      await hints(app, when, action.id),
    ),
  ]
}

/** What may stand in the fields. */
async function hints(app: AppHandle, when: Occasion, id: string): Promise<Content> {
  const fields = Object.entries(app.actions.get(id)?.input ?? {})
  const names = fields.map(([name, field]) => {
    const words = field.schema().enum?.filter((word) => word !== null)
    const what = words ? words.join(', ') : [field.schema().type].flat()[0]
    return `${name} (${labelOf(name, field)}: ${what}${field.requirement === 'required' ? ', required' : ''})`
  })
  return [
    p({ class: 'help' }, `Fields of ${id}: ${names.join('; ') || 'none'}.`),
    fieldsOf[when].includes('table') && p({ class: 'help' }, `Tables: ${(await tablesOf(app)).join(', ')}.`),
  ]
}

const back = () => nav({ 'aria-label': 'Back' }, a({ href: '/triggers' }, '← Triggers'))

export async function triggerPage(shown: Shown, { params, region, partial }: PageRequest): Promise<Content> {
  const { app } = shown
  const id = Number(params.id)
  const trigger = partial ? app.reader(triggers).find(id) : app.reader(triggers).get(id)
  const update = app.actions.get('triggers.update')
  return [
    back(),
    h1(trigger?.name ?? 'Trigger'),
    await region('trigger', [triggers.name, runs.name, 'localapp_entry'], () => {
      const now = app.reader(triggers).find(id)
      if (!now) return p('This trigger was deleted.')
      const last = runsOf(app, id, 20)
      return [
        card(shown, now),
        h2('Runs'),
        last.length === 0
          ? p({ class: 'empty' }, 'It has not run yet.')
          : ul(last.map((run) => li(runLine(shown, run)))),
      ]
    }),
    trigger &&
      update && [
        h2('Change it'),
        actionForm(
          update,
          {
            id: 'trigger-form',
            only: ['name', ...fieldsOf[trigger.when], 'action', 'input', 'on'],
            hidden: { id },
            values: trigger,
            className: 'card',
          },
          await hints(app, trigger.when, trigger.action),
        ),
        actionButton('triggers.delete', { id }, 'Delete', 'danger'),
      ],
  ]
}

function runsOf(app: AppHandle, trigger: number, limit: number): Run[] {
  return app.reader(runs).all({
    where: [
      ['trigger', '=', trigger],
      ['state', '!=', 'gone'],
    ],
    order: ['id', 'desc'],
    limit,
  })
}

function card(shown: Shown, trigger: Trigger): Content {
  const { app, engine } = shown
  const { id, name, on, action } = trigger
  const [last] = runsOf(app, id, 1)
  const due = engine.dueOf(trigger)
  const problem = engine.problems.get(id) ?? problemOfAction(app, action)
  return section(
    { class: 'card', 'aria-label': name },
    h2(a({ href: `/triggers/${id}` }, name), ' ', span({ class: 'tag' }, on ? 'on' : 'off')),
    p(whenOf(trigger), ': ', app.actions.get(action)?.title ?? action, ' ', small(`(${action})`)),
    problem !== undefined && p({ class: 'error', role: 'alert' }, problem),
    due && p('Next: ', moment(shown, due)),
    last && p('Last: ', runLine(shown, last)),
    div(
      { class: 'actions' },
      actionButton('triggers.run', { id }, 'Run now', 'quiet'),
      actionButton('triggers.switch', { id, on: String(!on) }, on ? 'Turn off' : 'Turn on', 'quiet'),
    ),
  )
}

function whenOf({ when, schedule, table, folder }: Trigger): string {
  if (when === 'schedule') return `At ${schedule}`
  if (when === 'created') return `A record of ${table} is created`
  if (when === 'changed') return `A record of ${table} is changed`
  return when === 'file' ? `A file appears in ${folder}` : occasionWords[when]
}

function moment({ timeZone }: Shown, date: Date): Content {
  const text = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone })
  return time({ datetime: date.toISOString() }, text)
}

const stateWords: Record<Run['state'], string> = {
  waiting: 'waits',
  begun: 'runs',
  done: 'done',
  asked: 'asks you first',
  failed: 'failed',
  skipped: 'left out',
  gone: 'gone',
}

function runLine(shown: Shown, run: Run): Content {
  const { state, at, message, entry } = run
  const text = [moment(shown, new Date(at)), `, ${answerOf(shown, run) ?? stateWords[state]}`]
  const said = message !== null && [': ', state === 'failed' ? span({ class: 'error' }, message) : message]
  return [text, said, entry !== null && [' ', a({ href: `/-/journal/${entry}` }, 'Journal')]]
}

/** What the user said to a card. */
function answerOf({ app }: Shown, { state, entry }: Run): string | undefined {
  if (state !== 'asked' || entry === null) return undefined
  const { state: became } = app.journal.get(entry)
  return became === 'asked' ? undefined : `you were asked, and it was ${became}`
}
