import { div } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'

/** A part of a page that fetches itself again when one of `topics` is announced. */
export function regionMarkup(id: string, topics: readonly string[], content: Content): Html {
  return div({ id, 'data-topics': topics.join(' ') }, content)
}
