import type { HtmxAttributes } from './htmx.ts'

/** A class, or a list of them with gaps: `['row', done && 'done']`. */
export type ClassValue = string | readonly (string | false | null | undefined)[]

type Text =
  | `${'id' | 'title' | 'lang' | 'role' | 'name' | 'for' | 'form' | 'href' | 'src' | 'rel' | 'target' | 'action'}`
  | `${'alt' | 'accept' | 'as' | 'autocomplete' | 'charset' | 'content' | 'datetime' | 'headers' | 'label'}`
  | `${'list' | 'media' | 'pattern' | 'placeholder' | 'poster' | 'sizes' | 'wrap' | 'command' | 'commandfor'}`
  | `${'formaction' | 'popovertarget' | 'fill' | 'stroke' | 'transform' | 'd' | 'points' | 'viewBox'}`
  | `${'preserveAspectRatio' | 'inputmode' | 'draggable' | 'spellcheck' | 'contenteditable' | 'text-anchor'}`
  | `${'dominant-baseline' | 'popovertargetaction'}`
type Whole =
  `${'tabindex' | 'colspan' | 'rowspan' | 'rows' | 'cols' | 'size' | 'minlength' | 'maxlength' | 'start'}`
type Flag =
  | `${'autofocus' | 'inert' | 'required' | 'readonly' | 'disabled' | 'checked' | 'selected' | 'multiple'}`
  | `${'open' | 'novalidate' | 'formnovalidate' | 'async' | 'defer' | 'controls' | 'loop' | 'muted'}`
type Measure =
  | `${'value' | 'min' | 'max' | 'low' | 'high' | 'optimum' | 'width' | 'height' | 'opacity' | 'font-size'}`
  | `${'' | 'c' | 'd' | 'r'}${'x' | 'y'}`
  | `${'x' | 'y'}${1 | 2}`
  | 'r'
  | `stroke-${'width' | 'dasharray' | 'dashoffset'}`
type InputType =
  | `${'button' | 'checkbox' | 'color' | 'email' | 'file' | 'hidden' | 'image' | 'number' | 'password'}`
  | `${'radio' | 'range' | 'reset' | 'search' | 'submit' | 'tel' | 'text' | 'url'}`
  | `${'date' | 'datetime-local' | 'month' | 'time' | 'week'}`

interface Vocabulary
  extends HtmxAttributes,
    Record<Text, string>,
    Record<Whole, number>,
    Record<Flag, true>,
    Record<Measure, string | number> {
  [data: `data-${string}`]: string | number | true
  /** What ARIA calls true and false is the text 'true' and 'false'. */
  [aria: `aria-${string}`]: string | number
  class: ClassValue
  type: InputType | 'module' | 'image/svg+xml'
  dir: 'ltr' | 'rtl' | 'auto'
  hidden: true | 'until-found'
  popover: true | 'auto' | 'manual'
  method: 'get' | 'post' | 'dialog'
  formmethod: 'get' | 'post' | 'dialog'
  enctype: 'multipart/form-data'
  download: true | string
  step: number | 'any'
  scope: `${'row' | 'col'}${'' | 'group'}`
  loading: 'lazy' | 'eager'
}

/**
 * The attributes of HTML, SVG and htmx. One is left out by not naming it, or by `false`, `null` or `undefined`; `true`
 * writes its name alone. Those that hold scripts or styles are not among them.
 */
export type Attributes = {
  readonly [Name in keyof Vocabulary]?: Vocabulary[Name] | false | null | undefined
}
