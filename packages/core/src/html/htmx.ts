type Time = `${number}${'ms' | 's' | 'm'}`

type SwapStyle =
  | `${'inner' | 'outer'}${'HTML' | 'Morph'}`
  | `${'before' | 'after'}${'' | 'begin' | 'end'}`
  | 'prepend'
  | 'append'
  | 'outerSync'
  | 'textContent'
  | 'delete'
  | 'none'

type SwapModifier =
  | `${'swap' | 'settle'}:${Time}`
  | `${'scroll' | 'show'}:${'top' | 'bottom'}`
  | `${'transition' | 'ignoreTitle' | 'strip' | 'focusScroll' | 'swapEmpty'}:${boolean}`
  | `${'scrollTarget' | 'showTarget' | 'target'}:${string}`

/** How a response is put into the page: `'outerMorph'`, `'beforeend swap:100ms scroll:bottom'`. */
export type Swap = SwapStyle | `${SwapStyle} ${SwapModifier}` | `${SwapStyle} ${SwapModifier} ${string}`

type Event =
  | `${'click' | 'submit' | 'change' | 'input' | 'search' | 'toggle' | 'load' | 'revealed' | 'intersect'}`
  | `${'keydown' | 'keyup' | 'focusin' | 'focusout' | 'mouseenter' | 'mouseleave'}`
  | `every ${Time}`
  | `${'htmx' | 'localapp'}:${string}`

/** What sends a request: `'input changed delay:300ms'`, `'load, every 5s'`; own events are named `localapp:…`. */
export type Trigger = Event | `${Event}${' ' | ', '}${string}`

type Sync = 'drop' | 'abort' | 'replace' | `queue ${'first' | 'last' | 'all'}`

type StatusRule =
  | `swap:${SwapStyle}${'' | ` ${string}`}`
  | `${'target' | 'select' | 'push' | 'replace' | 'transition'}:${string}`

/** Written as JSON, so that text from a record cannot add a value or run as a script. */
type Json<Value> = Readonly<Record<string, Value>>
type Scalar = string | number | boolean | null
type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'query'

interface Inheritable extends Record<`hx-status:${number | `${number}x` | `${number}xx`}`, StatusRule> {
  'hx-boost': 'true' | 'false'
  'hx-config': Json<Scalar | Json<Scalar>>
  'hx-confirm': string
  'hx-disable': string
  'hx-encoding': 'multipart/form-data'
  'hx-headers': Json<string>
  'hx-include': string
  'hx-indicator': string
  'hx-method': Verb
  'hx-push-url': string
  'hx-replace-url': string
  'hx-select': string
  'hx-select-oob': string
  'hx-swap': Swap
  'hx-sync': Sync | `${string}:${Sync}`
  'hx-target': string
  'hx-vals': Json<Scalar>
}

type Inherited = {
  [Name in keyof Inheritable as `${Name}:${'inherited' | 'append' | 'inherited:append'}`]: Inheritable[Name]
}

/** The attributes of htmx 4.0.1 that the page's security policy allows: none holds a script. */
export interface HtmxAttributes extends Inheritable, Inherited, Record<`hx-${Verb | 'action'}`, string> {
  'hx-history-elt': true
  'hx-ignore': true
  'hx-morph-skip': true
  'hx-morph-skip-children': true
  'hx-preserve': true
  'hx-sse:close': string
  'hx-sse:connect': string
  'hx-swap-oob': true | Swap | `${SwapStyle}:${string}`
  'hx-trigger': Trigger
  'hx-validate': 'true' | 'false'
}
