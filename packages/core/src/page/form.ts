import type { Action, Messages } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import { type Field, labelOf } from '../field/field.ts'
import type { Attributes } from '../html/attributes.ts'
import { button, div, form, hxPartial, input, label, p } from '../html/elements.ts'
import { type Content, fragment } from '../html/html.ts'

/** What a form of an action shows, and where it leads. */
export interface ActionFormOptions {
  /** Unique in the page: the ids of controls and errors begin with it. */
  readonly id: string
  /** What the controls show: a record, or what was typed and refused. Default: the defaults of the fields. */
  readonly values?: Readonly<Record<string, unknown>> | undefined
  /** Input that is sent without being shown, such as `id` and `version`. */
  readonly hidden?: Readonly<Record<string, string | number>> | undefined
  /** The fields to show, in this order. Default: all that are not hidden. */
  readonly only?: readonly string[] | undefined
  readonly messages?: Messages | undefined
  /** The words on the button. Default: the action's title. */
  readonly submit?: string | undefined
  /** Where a browser without script goes afterwards. */
  readonly returnTo?: string | undefined
  readonly className?: string | undefined
  /** Empties the form after success. Default false. */
  readonly reset?: boolean | undefined
}

/**
 * A form that calls an action, with and without script; `more` stands above its button.
 * Throws `LOCALAPP_DECLARATION` when `only` names a field that the action does not have.
 *
 * @example
 * ```ts
 * actionForm(create, { id: 'new-todo', only: ['title'], submit: 'Add', reset: true })
 * ```
 */
export function actionForm(action: Action, options: ActionFormOptions, ...more: Content[]) {
  const { id, values = {}, hidden = {}, messages = {} } = options
  const shown = options.only ?? Object.keys(action.input).filter((key) => !(key in hidden))
  return callForm(
    action.id,
    { id, class: options.className, 'data-reset': options.reset || undefined },
    { _form: id, _fields: shown.join(), _return: options.returnTo, ...hidden },
    shown.map((key) => {
      const field = action.input[key]
      if (field) return fieldBlock(id, key, field, values[key] ?? field.options.default, messages[key])
      throw localappError(
        'LOCALAPP_DECLARATION',
        `The form “${id}” shows “${key}”, which is no field of ${action.id}.`,
        `Name some of: ${Object.keys(action.input).join(', ')}.`,
      )
    }),
    more,
    errorOf(id, unshown(shown, messages)),
    button({ class: action.effect === 'destructive' && 'danger' }, options.submit ?? action.title),
  )
}

/** A button that calls an action: `actionButton('journal.undo', { entry: 7 }, 'Undo')`. */
export function actionButton(
  id: string,
  input: Readonly<Record<string, string | number>>,
  text: string,
  className?: string,
) {
  return callForm(id, {}, input, button({ class: className }, text))
}

/** A form that calls an action, with and without script: `unseen` goes with what `content` holds. */
export function callForm(
  id: string,
  attributes: Attributes,
  unseen: Readonly<Record<string, string | number | undefined>>,
  ...content: Content[]
) {
  const action = `/api/${id.replace('.', '/')}`
  return form(
    {
      method: 'post',
      action,
      'hx-post': action,
      // A refresh may take the form away before its answer arrives; the toasts stay.
      'hx-target': '#toasts',
      'hx-swap': 'none',
      // A double click is one click.
      'hx-sync': 'drop',
      ...attributes,
    },
    Object.entries(unseen).map(
      ([name, value]) => value !== undefined && input({ type: 'hidden', name, value }),
    ),
    content,
  )
}

/** A control with its label, help and error. */
export function fieldBlock(formId: string, key: string, field: Field, value: unknown, message?: string) {
  const id = `${formId}-${key}`
  const { help } = field.options
  const describedBy = `${help ? `${id}-help ` : ''}${id}-error`
  return div(
    { class: 'field' },
    label({ for: id, id: `${id}-label` }, labelOf(key, field)),
    field.control(
      { name: key, id, 'aria-describedby': describedBy, 'aria-invalid': message !== undefined && 'true' },
      value,
    ),
    help && p({ class: 'help', id: `${id}-help` }, help),
    errorOf(id, message),
  )
}

/** Answers a refused form: fills and empties its errors, and leaves alone what was typed. `keys` are the fields shown. */
export function messagePartials(formId: string, keys: readonly string[], messages: Messages) {
  const partial = (id: string, message?: string) =>
    hxPartial({ 'hx-target': `#${id}-error`, 'hx-swap': 'innerHTML' }, message)
  return fragment(
    keys.map((key) => partial(`${formId}-${key}`, messages[key])),
    partial(formId, unshown(keys, messages)),
  )
}

function errorOf(id: string, message: string | undefined) {
  return p({ class: 'error', id: `${id}-error`, role: 'alert' }, message)
}

/** What is wrong with fields that have no place of their own in the form. */
function unshown(shown: readonly string[], messages: Messages) {
  const rest = Object.entries(messages).flatMap(([key, message]) => (shown.includes(key) ? [] : message))
  return rest.join(' ')
}
