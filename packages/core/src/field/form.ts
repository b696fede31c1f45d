/** Without a prototype, so that no name finds what was not sent. */
interface Sent {
  [name: string]: unknown
}

/** No field lies deeper: such a name is left whole, and is unknown. */
const maxDepth = 16

/**
 * Turns a form's entries into input for `decodeFields`. Dotted names nest (`offers.0.shop`), a name given twice is an
 * array, which every field refuses in words, and names with a leading `_` are not fields. `_fields=title,done` names
 * what the form shows: of those, the ones not sent, boxes not ticked, are empty text.
 */
export function parseForm(entries: Iterable<readonly [string, string]>): Record<string, unknown> {
  const form: Sent = Object.create(null)
  let shown: string[] = []
  for (const [name, value] of entries) {
    if (name === '_fields') shown = value.match(/[^,]+/g) ?? []
    if (!name.startsWith('_')) put(form, name, value)
  }
  for (const name of shown) form[name] ??= ''
  return form
}

function put(form: Sent, name: string, value: string) {
  const parts = name.split('.')
  const path = parts.length > maxDepth ? [name] : parts
  let sent = form
  for (const [i, part] of path.entries()) {
    const isLast = i === path.length - 1
    const there = sent[part]
    if (there !== undefined && (isLast || typeof there === 'string' || Array.isArray(there))) {
      sent[part] = [there, value].flat()
      return
    }
    sent[part] = isLast ? value : (there ?? Object.create(null))
    sent = sent[part] as Sent
  }
}
