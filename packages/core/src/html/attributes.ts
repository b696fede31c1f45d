/** The words of a text, as types. */
export type Words<Text extends string, Before = never> = Text extends `${infer Word} ${infer Rest}`
  ? Words<Rest, Before | Word>
  : Before | Text

/** A class, or a list of them with gaps: `['row', done && 'done']`. */
export type ClassValue = string | readonly (string | false | null | undefined)[]

type Valued =
  | Words<'id title lang role name for form href src rel target action alt accept as autocomplete charset content'>
  | Words<'datetime headers label list media pattern placeholder poster sizes wrap command commandfor formaction'>
  | Words<'popovertarget popovertargetaction inputmode draggable spellcheck contenteditable tabindex colspan rowspan'>
  | Words<'rows cols size minlength maxlength start value min max low high optimum width height'>
  | Words<'fill stroke transform d points viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy dx dy r rx ry opacity type'>
  | Words<'text-anchor dominant-baseline font-size stroke-width stroke-dasharray stroke-dashoffset'>
type Flag =
  | Words<'autofocus inert required readonly disabled checked selected multiple open novalidate formnovalidate'>
  | Words<'async defer controls loop muted'>
type SwapStyle =
  | Words<'innerHTML outerHTML innerMorph outerMorph before beforebegin beforeend after afterbegin afterend'>
  | Words<'prepend append outerSync textContent delete none'>

/** How a response is put into the page: `'outerMorph'`, `'beforeend swap:100ms scroll:bottom'`. */
export type Swap = SwapStyle | `${SwapStyle} ${string}:${string}`

type Verb = Words<'get post put patch delete query'>

interface Inheritable
  extends Record<
      `hx-${Words<'include indicator select select-oob target disable sync push-url replace-url confirm boost validate encoding method'>}`,
      string
    >,
    // Written as JSON, so that text from a record cannot add a value or run as a script.
    Record<`hx-${'config' | 'headers' | 'vals'}`, Readonly<Record<string, unknown>>>,
    Record<`hx-status:${number | `${number}x` | `${number}xx`}`, `${string}:${string}`> {
  'hx-swap': Swap
}

type Inherited = {
  [Name in keyof Inheritable as `${Name}:${'inherited' | 'append' | 'inherited:append'}`]: Inheritable[Name]
}

/** Of htmx 4.0.1, what the page's security policy allows: none holds a script. */
interface Vocabulary
  extends Inheritable,
    Inherited,
    Record<Valued, string | number>,
    Record<'method' | 'formmethod', 'get' | 'post' | 'dialog'>,
    Record<Flag | `hx-${Words<'history-elt ignore morph-skip morph-skip-children preserve'>}`, true>,
    Record<`hx-${Verb | Words<'action trigger sse:connect sse:close'>}`, string> {
  [data: `data-${string}`]: string | number | true
  /** What ARIA calls true and false is the text 'true' and 'false'. */
  [aria: `aria-${string}`]: string | number
  'hx-swap-oob': true | Swap | `${SwapStyle}:${string}`
  class: ClassValue
  dir: 'ltr' | 'rtl' | 'auto'
  hidden: true | 'until-found'
  popover: true | 'auto' | 'manual'
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
