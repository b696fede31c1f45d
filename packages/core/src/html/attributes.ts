import type { HtmxAttributes } from './htmx.ts'

/** An attribute is left out by not naming it, or by `false`, `null` or `undefined`; `true` writes its name alone. */
type Optional<T> = { readonly [Name in keyof T]?: T[Name] | false | null | undefined }

/** A class, or a list of them with gaps: `['row', done && 'done']`. */
export type ClassValue = string | readonly (string | false | null | undefined)[]

interface Global extends HtmxAttributes {
  [data: `data-${string}`]: string | number | true
  /** What ARIA calls true and false is the text 'true' and 'false'. */
  [aria: `aria-${string}`]: string | number
  id: string
  class: ClassValue
  title: string
  lang: string
  dir: 'ltr' | 'rtl' | 'auto'
  role: string
  tabindex: number
  hidden: true | 'until-found'
  inert: true
  autofocus: true
  popover: true | 'auto' | 'manual'
  draggable: 'true' | 'false'
  spellcheck: 'true' | 'false'
  contenteditable: 'true' | 'false' | 'plaintext-only'
  inputmode: 'none' | 'text' | 'decimal' | 'numeric' | 'tel' | 'search' | 'email' | 'url'
}

/** What every element takes. */
export type GlobalAttributes = Optional<Global>

/** What every element takes, and some that are an element's own. */
export type With<Own> = GlobalAttributes & Optional<Own>

type Method = 'get' | 'post' | 'dialog'

interface Control {
  name: string
  form: string
  disabled: true
}

interface Submitter extends Control {
  value: string | number
  formaction: string
  formmethod: Method
  formnovalidate: true
  popovertarget: string
  popovertargetaction: 'show' | 'hide' | 'toggle'
}

interface Entry extends Control {
  required: true
  readonly: true
  autocomplete: string
  placeholder: string
  minlength: number
  maxlength: number
}

export interface Sized {
  width: number | string
  height: number | string
}

export interface Cell {
  colspan: number
  rowspan: number
  headers: string
}

export type AnchorAttributes = With<{
  href: string
  target: '_self' | '_blank'
  rel: string
  download: true | string
}>

export type ButtonAttributes = With<
  Submitter & { type: 'submit' | 'button' | 'reset'; command: string; commandfor: string }
>

export type FormAttributes = With<{
  action: string
  method: Method
  enctype: 'multipart/form-data'
  autocomplete: 'on' | 'off'
  novalidate: true
  name: string
}>

export type InputAttributes = With<
  Entry &
    Submitter & {
      type:
        | `${'button' | 'checkbox' | 'color' | 'email' | 'file' | 'hidden' | 'image' | 'number' | 'password'}`
        | `${'radio' | 'range' | 'reset' | 'search' | 'submit' | 'tel' | 'text' | 'url'}`
        | `${'date' | 'datetime-local' | 'month' | 'time' | 'week'}`
      checked: true
      multiple: true
      min: string | number
      max: string | number
      step: number | 'any'
      pattern: string
      list: string
      accept: string
      size: number
    }
>

export type SelectAttributes = With<
  Control & { required: true; multiple: true; size: number; autocomplete: string }
>

export type OptionAttributes = With<{
  value: string | number
  label: string
  selected: true
  disabled: true
}>

export type TextareaAttributes = With<Entry & { rows: number; cols: number; wrap: 'soft' | 'hard' }>

export type FieldsetAttributes = With<Control>

export type MeterAttributes = With<Record<'value' | 'min' | 'max' | 'low' | 'high' | 'optimum', number>>

export type ImageAttributes = With<Sized & { loading: 'lazy' | 'eager' }> & {
  readonly src: string
  readonly alt: string
}

export type MediaAttributes = With<
  Sized & Record<'controls' | 'loop' | 'muted' | 'playsinline', true> & Record<'src' | 'poster', string>
>

export type LinkAttributes = With<Record<'href' | 'rel' | 'type' | 'media' | 'sizes' | 'as', string>>

type Length = `${'' | 'c' | 'd' | 'r'}${'x' | 'y'}` | `${'x' | 'y'}${1 | 2}` | 'r' | 'opacity' | 'font-size'

export type SvgAttributes = With<
  Sized &
    Record<Length | `stroke-${'width' | 'dasharray' | 'dashoffset'}`, number | string> &
    Record<'fill' | 'stroke' | 'transform' | 'd' | 'points' | 'viewBox' | 'preserveAspectRatio', string> & {
      'text-anchor': 'start' | 'middle' | 'end'
      'dominant-baseline': 'auto' | 'middle' | 'central' | 'hanging'
    }
>
