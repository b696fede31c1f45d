import { div } from '../html/elements.ts'
import type { Content } from '../html/html.ts'

export function regionMarkup(id: string, topics: readonly string[], content: Content) {
  return div({ id, 'data-topics': topics.join(' ') }, content)
}
