import { existsSync } from 'node:fs'
import {
  type AppHandle,
  InvalidInput,
  localappError,
  Plugin,
  type PluginContext,
  partials,
  type ReadContext,
  t,
} from '@localapp/core'
import { type Clock, machineClock } from './clock.ts'
import { Engine } from './engine.ts'
import { examine, type Given } from './examine.ts'
import { filesIn } from './folder.ts'
import { newPage, overview, triggerPage } from './page.ts'
import { given, isGrave, runs, type Trigger, triggers as table } from './trigger.ts'

/** Options of {@link triggers}. */
export interface TriggersOptions {
  /** The time zone of the schedules, as in `Europe/Berlin`. Default: that of the machine. */
  readonly timeZone?: string
  /** What time it is. Default: the clock of the machine. */
  readonly clock?: Clock
}

/**
 * When something happens, an action runs: at certain times, when a record is created or changed, when a file appears in a
 * folder, when the app starts. The user makes triggers on the page “Triggers”; actions make them too. Throws
 * `LOCALAPP_DECLARATION` for a time zone that there is not.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', triggers()] })
 * ```
 */
export function triggers(options: TriggersOptions = {}): Plugin {
  return new Triggers(options)
}

const id = t.integer({ min: 1, help: 'The number of the trigger.' })

class Triggers extends Plugin {
  readonly name = 'triggers'
  override readonly advice =
    'A trigger runs an action when something happens. Look up the fields of the action first; then call triggers.create.'
  readonly #clock: Clock
  readonly #timeZone: string | undefined
  #engine: Engine | undefined

  constructor({ timeZone, clock = machineClock }: TriggersOptions) {
    super()
    if (timeZone !== undefined) expectZone(timeZone)
    this.#timeZone = timeZone
    this.#clock = clock
  }

  setup(context: PluginContext): void {
    const { app, page, started } = context
    const engine = new Engine(app, this.#clock, this.#timeZone)
    this.#engine = engine
    const shown = { app, engine, timeZone: this.#timeZone }
    context.table('', table.fields)
    context.table('run', runs.fields)
    page('/', (request) => overview(shown, request))
    page('/new', (request) => newPage(shown, request))
    page('/:id', (request) => triggerPage(shown, request))
    this.#changes(context)
    this.#others(context, engine)
    app.onChanged((topics) => engine.changed(topics))
    started(() => engine.start())
  }

  override async close(): Promise<void> {
    await this.#engine?.close()
  }

  #changes({ app, action }: PluginContext) {
    action('create', {
      effect: 'write',
      title: 'Add trigger',
      description:
        'Makes a trigger: when something happens, an action runs. One that follows a folder, or reaches outside the data or takes data away, is off until the user turns it on.',
      input: given,
      to: () => '/triggers',
      summary: ({ name }) => `Added the trigger “${name}”`,
      run: async (input, context) => {
        const sound = await this.#examined(app, input, context)
        return context.table(table).insert({ ...this.#from(sound), ...wordOf(app, sound, context) })
      },
    })
    action('update', {
      effect: 'write',
      title: 'Save',
      description: 'Changes a trigger: only the fields that are given.',
      input: { ...partials(given), id },
      to: (output) => `/triggers/${(output as Trigger).id}`,
      summary: said('Changed'),
      run: async ({ id, ...patch }, context) => {
        const sound = await this.#examined(app, { ...pick(context.table(table).get(id)), ...patch }, context)
        return context.table(table).update(id, { ...this.#from(sound), ...wordOf(app, sound, context) })
      },
    })
    action('switch', {
      effect: 'write',
      title: 'Turn on or off',
      description: 'Turns a trigger on or off. What was missed while it was off is not made up for.',
      input: { id, on: t.bool() },
      summary: (input, output) => said(input.on ? 'Turned on' : 'Turned off')(input, output),
      run: async ({ id, on }, context) => {
        const trigger = context.table(table).get(id)
        if (!on) return context.table(table).update(id, { on })
        if (needsWord(app, trigger) && context.actor.kind !== 'user')
          throw new InvalidInput({ on: 'The user has to turn this one on, on its page.' })
        await this.#examined(app, pick(trigger), context)
        const byUser = trigger.byUser || context.actor.kind === 'user'
        return context.table(table).update(id, { ...this.#from(trigger), on, byUser })
      },
    })
    action('delete', {
      effect: 'destructive',
      description: 'Deletes a trigger.',
      input: { id },
      record: { table, id: ({ id }) => id, label: ({ name }) => String(name) },
      to: () => '/triggers',
      summary: said('Deleted'),
      run: ({ id }, context) => context.table(table).delete(id),
    })
  }

  #others({ action }: PluginContext, engine: Engine) {
    action('run', {
      effect: 'external',
      title: 'Run now',
      description: 'Sets a trigger off by hand, whether it is on or off.',
      input: { id },
      summary: said('Set off'),
      run: async ({ id }, context) => {
        const trigger = context.table(table).get(id)
        await engine.runNow(trigger)
        return { id, name: trigger.name }
      },
    })
    action('list', {
      effect: 'read',
      description: 'All triggers, with the time when each is due next and how its last run ended.',
      run: (_input, context) =>
        context
          .table(table)
          .all()
          .map(({ seen: _, ...trigger }) => {
            const due = engine.dueOf(trigger as Trigger)?.toISOString() ?? null
            const [last] = context.table(runs).all({
              where: [
                ['trigger', '=', trigger.id],
                ['state', '!=', 'gone'],
              ],
              order: ['id', 'desc'],
              limit: 1,
            })
            const problem = engine.problems.get(trigger.id) ?? null
            return { ...trigger, due, problem, last: last ? { ...last } : null }
          }),
    })
    action('runs', {
      effect: 'read',
      description: 'The newest runs of a trigger, newest first.',
      input: { id, limit: t.integer({ min: 1, max: 100, default: 20 }) },
      run: ({ id, limit }, context) =>
        context.table(runs).all({
          where: [
            ['trigger', '=', id],
            ['state', '!=', 'gone'],
          ],
          order: ['id', 'desc'],
          limit,
        }),
    })
  }

  async #examined(app: AppHandle, trigger: Given, context: ReadContext): Promise<Given> {
    return await examine(app, trigger, context, this.#clock.now(), this.#timeZone)
  }

  /** It counts from now on: a time that has passed and a file that is there already set nothing off. */
  #from<T extends Pick<Given, 'when' | 'folder'>>(trigger: T) {
    const { when, folder } = trigger
    const seen = when === 'file' && folder !== null && existsSync(folder) ? filesIn(folder) : []
    return { ...trigger, since: this.#clock.now().toISOString(), seen }
  }
}

const said = (did: string) => (_input: unknown, output: unknown) =>
  `${did} the trigger “${(output as Trigger).name}”`

function expectZone(timeZone: string) {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    const fix = 'Give one such as Europe/Berlin, or leave it out.'
    throw localappError('LOCALAPP_DECLARATION', `“${timeZone}” is no time zone.`, fix)
  }
}

function pick({ name, when, schedule, table, folder, action, input, on }: Trigger): Given {
  return { name, when, schedule, table, folder, action, input, on }
}

/** Following a folder looks outside the data, and so may the action: only the user sets that up. */
function needsWord(app: AppHandle, { when, action: id }: Given): boolean {
  const action = app.actions.get(id)
  return when === 'file' || action === undefined || isGrave(action)
}

function wordOf(app: AppHandle, trigger: Given, { actor }: ReadContext): { on: boolean; byUser: boolean } {
  const byUser = actor.kind === 'user'
  return { byUser, on: trigger.on && (byUser || !needsWord(app, trigger)) }
}
