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
    if (name.startsWith('_')) continue
    const path = name.split('.')
    put(form, path.length > maxDepth ? [name] : path, value)
  }
  for (const name of shown) form[name] ??= ''
  return form
}

function put(sent: Sent, [name = '', ...inside]: readonly string[], value: string) {
  const there = sent[name]
  const isLast = inside.length === 0
  if (there !== undefined && (isLast || typeof there === 'string' || Array.isArray(there))) {
    sent[name] = [there, value].flat()
    return
  }
  sent[name] = isLast ? value : (there ?? Object.create(null))
  if (!isLast) put(sent[name] as Sent, inside, value)
}
