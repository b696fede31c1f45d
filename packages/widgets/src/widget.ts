import { readFileSync } from 'node:fs'
import {
  type AppHandle,
  asLocalappError,
  type Content,
  dd,
  div,
  dl,
  dt,
  element,
  type Field,
  type Fields,
  type Html,
  inWords,
  labelOf,
  localappError,
  namePattern,
  type PluginContext,
  p,
  partials,
  type ReadContext,
  type Row,
  report,
  script,
  t,
} from '@localapp/core'
import { json } from './kinds.ts'
import { SelfContained } from './module.ts'
import { States } from './states.ts'

/** Fields of a state. Each is optional or has a default, because a new instance holds nothing else. */
export type StateFields = Readonly<Record<string, Field<unknown, 'optional' | 'defaulted'>>>

/** A front-end module and the state that it shares with the server. */
export interface WidgetDeclaration<F extends StateFields> {
  /**
   * A file with a default export that keeps to the anywidget contract, and imports nothing: `./map.js` beside the
   * plugin's file, `package/file.js` of an installed package, a whole path or a `file:` address.
   */
  readonly module: string
  /** A file with its styles, found as the module is. It asks for nothing from elsewhere. */
  readonly css?: string
  /** What the module gets and sets. What it sets beside these stays in its tab. */
  readonly state: F
  /** What it is called, for screen readers, the journal and a model. Default: the name in words. */
  readonly title?: string
  /** One sentence that tells a model what the state means. */
  readonly description?: string
  /**
   * Answers what the module sends; it gets the answer, which is JSON, as `msg:custom`. It looks, and changes nothing:
   * what has to change is state.
   */
  readonly answer?: (content: unknown, context: ReadContext) => unknown
}

/** How a widget is put into a page. */
export interface WidgetOptions<F extends StateFields> {
  /** Each instance has a state of its own. Default: `main`. */
  readonly instance?: string | number
  /** What the page says of the state; it is shown instead of what is stored, and follows the page. */
  readonly values?: Partial<Row<F>>
}

/** Puts the widget into a page. */
export interface Widget<F extends StateFields> {
  (options?: WidgetOptions<F>): Html
  /** Adds the widget to the plugin whose `setup` is given this context: its files, its table and its actions. */
  setup(context: PluginContext): void
  /** What an instance holds now. Default: `main`. */
  state(instance?: string | number): Row<F>
}

const noscript = element('noscript')
const scripts = {
  'client.js': readFileSync(new URL('./client.js', import.meta.url), 'utf8'),
  'model.js': readFileSync(new URL('./model.js', import.meta.url), 'utf8'),
}
const scriptType = 'text/javascript; charset=utf-8'

/** The states of a plugin's widgets, while it runs. */
const shared = new WeakMap<AppHandle, States>()

/**
 * Declares a widget: a front-end module of the anywidget contract, with its state on the server. The plugin adds it in
 * `setup`, and its pages and steps call it to show it. Each change of the state is an action, `set-<name>`.
 * Throws `LOCALAPP_DECLARATION` for a name that cannot be part of an action's.
 *
 * @example
 * ```ts
 * const dial = widget('dial', { module: './dial.js', state: { value: t.integer({ default: 0 }) } })
 *
 * export default class Home extends Plugin {
 *   name = 'home'
 *   setup(context: PluginContext) {
 *     dial.setup(context)
 *     context.page('/', () => [h1('Home'), dial()])
 *   }
 * }
 * ```
 */
export function widget<F extends StateFields>(name: string, declaration: WidgetDeclaration<F>): Widget<F> {
  const { state, title = inWords(name) } = declaration
  let shown: Shown<F> | undefined
  if (!namePattern.test(name) || 'instance' in state) {
    const what = `The widget “${name}” cannot be called so, or have a field called “instance”.`
    throw localappError('LOCALAPP_DECLARATION', what, 'Use lower-case letters, digits and dashes.')
  }
  const running = () => {
    if (shown) return shown
    const what = `The widget “${name}” belongs to no plugin.`
    throw localappError('LOCALAPP_DECLARATION', what, 'Call its “setup(context)” in the plugin’s “setup”.')
  }
  return Object.assign((options: WidgetOptions<F> = {}) => running().render(options), {
    setup(context: PluginContext) {
      shown = new Shown(name, title, declaration, context)
    },
    state: (instance: string | number = 'main') => running().states.read(name, state, `${instance}`),
  })
}

/** A widget in the plugin that it belongs to. */
class Shown<F extends StateFields> {
  readonly states: States
  readonly #name: string
  readonly #title: string
  readonly #state: F
  readonly #folder: string
  readonly #action: string
  readonly #module: SelfContained
  readonly #css: SelfContained | undefined
  readonly #answers: boolean

  constructor(name: string, title: string, declaration: WidgetDeclaration<F>, context: PluginContext) {
    const { state, module, css, description, answer } = declaration
    const { app, action, fastify, started } = context
    const isFirst = !shared.has(app)
    const states = shared.get(app) ?? new States(context)
    const instance = t.text({ default: 'main', max: 200, help: 'Which of several on the pages.' })
    const { id, plugin } = action(`set-${name}`, {
      effect: 'write',
      title: `Change ${title}`,
      ...(description !== undefined && { description }),
      input: { instance, ...partials<Fields>(state) },
      run: ({ instance, ...patch }, context) => states.write(name, String(instance), patch, context),
      summary: ({ instance: _, ...patch }) => `${title}: ${inShort(state, patch)}`,
    })
    action(`get-${name}`, {
      effect: 'read',
      title: `Look at ${title}`,
      input: { instance },
      run: ({ instance }) => states.read(name, state, instance),
    })
    if (answer)
      action(`ask-${name}`, {
        effect: 'read',
        title: `Ask ${title}`,
        input: { instance, content: json({ default: null }) },
        run: ({ content }, context) => answer(content, context),
      })
    shared.set(app, states)
    const home = () => app.plugins().find((each) => each.name === plugin)?.file
    this.#folder = `/${plugin}/-`
    this.#module = new SelfContained('module', module, home)
    this.#css = css === undefined ? undefined : new SelfContained('css', css, home)
    this.#name = name
    this.#title = title
    this.#state = state
    this.#action = id
    this.#answers = answer !== undefined
    this.states = states
    if (isFirst)
      for (const [file, text] of Object.entries(scripts))
        fastify.get(`${this.#folder}/own/${file}`, (_request, reply) => reply.type(scriptType).send(text))
    for (const [file, found] of [
      [`${name}.js`, this.#module],
      [`${name}.css`, this.#css],
    ] as const)
      if (found)
        fastify.get(`${this.#folder}/${file}`, (_request, reply) => {
          const { body } = found.load()
          return reply
            .header('cache-control', 'private, max-age=31536000, immutable')
            .type(found.type)
            .send(body)
        })
    started(() => {
      try {
        this.#files()
      } catch (error) {
        report(`The widget “${name}” of “${plugin}” cannot run:`, inWordsOf(error))
      }
    })
  }

  render({ instance = 'main', values = {} }: WidgetOptions<F>): Html {
    const id = `widget-${this.#action.replace('.set-', '-')}-${instance}`.replaceAll(/\s/g, '_')
    const attributes = { id, class: 'widget', role: 'group', 'aria-label': this.#title } as const
    const state = this.states.read(this.#name, this.#state, `${instance}`)
    try {
      const spec = {
        ...this.#files(),
        action: this.#action,
        topic: this.states.table.name,
        instance: `${instance}`,
        answers: this.#answers,
        state,
        values,
      }
      return div(
        { ...attributes, 'data-widget': JSON.stringify(spec), 'hx-morph-skip-children': true },
        script({ type: 'module', src: `${this.#folder}/own/client.js` }),
        noscript(p(`“${this.#title}” needs JavaScript.`), this.#list({ ...state, ...values })),
      )
    } catch (thrown) {
      const words = `“${this.#title}” cannot run. ${inWordsOf(thrown)}`
      return div(attributes, p({ class: 'error', role: 'alert' }, words))
    }
  }

  /** The addresses of the files; another version of a file has another one. */
  #files(): { module: string; css: string | undefined } {
    const at = (ending: string, { version }: { version: string }) =>
      `${this.#folder}/${this.#name}.${ending}?v=${version}`
    return { module: at('js', this.#module.load()), css: this.#css && at('css', this.#css.load()) }
  }

  /** What it holds, for browsers without script. */
  #list(state: Row<F>): Content {
    return dl(
      Object.entries(this.#state).map(([name, field]) => [
        dt(labelOf(name, field)),
        dd(field.cell(state[name as keyof Row<F>])),
      ]),
    )
  }
}

function inWordsOf(thrown: unknown): string {
  const fix = 'Look at the files of the widget.'
  const error = asLocalappError(thrown, 'LOCALAPP_DECLARATION', 'Its files cannot be read', fix)
  return `${error.message} ${error.fix}`
}

/** What was set, where it fits on a line. */
function inShort(state: StateFields, patch: Readonly<Record<string, unknown>>): string {
  return Object.entries(patch)
    .flatMap(([name, value]) => {
      const field = state[name]
      const text = JSON.stringify(value)
      return field ? `${labelOf(name, field)}${text.length > 40 ? '' : ` ${text}`}` : []
    })
    .join(', ')
}
