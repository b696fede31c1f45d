import { div } from '../html/elements.ts'
import type { Content, Html } from '../html/html.ts'

export function regionMarkup(id: string, topics: readonly string[], content: Content): Html {
  return div({ id, 'data-topics': topics.join(' ') }, content)
}
