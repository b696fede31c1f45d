type SwapStyle =
  | `${'inner' | 'outer'}${'HTML' | 'Morph'}`
  | `${'before' | 'after'}${'' | 'begin' | 'end'}`
  | `${'prepend' | 'append' | 'outerSync' | 'textContent' | 'delete' | 'none'}`

type SwapModifier =
  | `${'swap' | 'settle' | 'scroll' | 'show' | 'scrollTarget' | 'showTarget' | 'target' | 'transition'}`
  | `${'ignoreTitle' | 'strip' | 'focusScroll' | 'swapEmpty'}`

/** How a response is put into the page: `'outerMorph'`, `'beforeend swap:100ms scroll:bottom'`. */
export type Swap = SwapStyle | `${SwapStyle} ${SwapModifier}:${string}`

/** Written as JSON, so that text from a record cannot add a value or run as a script. */
type Json = Readonly<Record<string, unknown>>
type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'query'
type Selector = `hx-${'include' | 'indicator' | 'select' | 'select-oob' | 'target' | 'disable' | 'sync'}`
type Address = `hx-${'push' | 'replace'}-url`
type Status = `hx-status:${number | `${number}x` | `${number}xx`}`

interface Inheritable
  extends Record<Selector | Address | 'hx-confirm', string>,
    Record<`hx-${'config' | 'headers' | 'vals'}`, Json>,
    Record<`hx-${'boost' | 'validate'}`, 'true' | 'false'>,
    Record<Status, `${'swap' | 'target' | 'select' | 'push' | 'replace' | 'transition'}:${string}`> {
  'hx-encoding': 'multipart/form-data'
  'hx-method': Verb
  'hx-swap': Swap
}

type Inherited = {
  [Name in keyof Inheritable as `${Name}:${'inherited' | 'append' | 'inherited:append'}`]: Inheritable[Name]
}

/** The attributes of htmx 4.0.1 that the page's security policy allows: none holds a script. */
export interface HtmxAttributes
  extends Inheritable,
    Inherited,
    Record<`hx-${Verb | 'action' | `sse:${'connect' | 'close'}`}`, string>,
    Record<`hx-${'history-elt' | 'ignore' | 'morph-skip' | 'morph-skip-children' | 'preserve'}`, true> {
  'hx-swap-oob': true | Swap | `${SwapStyle}:${string}`
  'hx-trigger': string
}
