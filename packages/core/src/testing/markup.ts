/** The attributes of a tag, by their names. */
export type AttributesOf = Readonly<Record<string, string>>

export interface Tag {
  readonly name: string
  readonly attributes: AttributesOf
  /** Where it stands in the page. */
  readonly at: number
}

const entities: AttributesOf = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** Undoes the escaping of a text. */
export function unescapeHtml(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '')
}

/** All opening tags of the given names, in their order. It reads what element functions write. */
export function tagsOf(html: string, ...names: string[]): Tag[] {
  const pattern = new RegExp(
    `<(${names.join('|') || '[a-z][\\w-]*'})((?:\\s[^<>"]*(?:"[^"]*"[^<>"]*)*)?)>`,
    'g',
  )
  return Array.from(html.matchAll(pattern), ({ 1: name = '', 2: text = '', index: at }) => {
    return { name, attributes: attributesOf(text), at }
  })
}

function attributesOf(text: string): AttributesOf {
  const pairs = text.matchAll(/([^\s="]+)(?:="([^"]*)")?/g)
  return Object.fromEntries(Array.from(pairs, ([, name = '', value = '']) => [name, unescapeHtml(value)]))
}

/** A form as a browser without script has it: its address, and what it would send. */
export interface FormOf {
  readonly attributes: AttributesOf
  readonly body: URLSearchParams
}

/** The forms of a page, filled in: what is there stays, and what has to be filled in is. */
export function formsOf(html: string): FormOf[] {
  return tagsOf(html, 'form').map(({ attributes, at }) => {
    const end = html.indexOf('</form>', at)
    const inside = html.slice(at, end)
    const body = new URLSearchParams()
    for (const { attributes: control } of tagsOf(inside, 'input')) {
      const { name, type = 'text', value = '' } = control
      const isOff = (type === 'checkbox' || type === 'radio') && control.checked === undefined
      if (name && !isOff && type !== 'file')
        body.append(name, value || ('required' in control ? plausible(type) : ''))
    }
    for (const [, text = '', content = ''] of inside.matchAll(/<textarea([^>]*)>\n?(.*?)<\/textarea>/gs)) {
      const control = attributesOf(text)
      if (control.name)
        body.append(control.name, unescapeHtml(content) || ('required' in control ? 'Some text' : ''))
    }
    for (const [, text = '', content = ''] of inside.matchAll(/<select([^>]*)>(.*?)<\/select>/gs)) {
      const options = tagsOf(content, 'option').map((option) => option.attributes)
      const chosen =
        options.find(({ selected }) => selected !== undefined) ?? options.find(({ value }) => value) ?? {}
      const { name } = attributesOf(text)
      if (name) body.append(name, chosen.value ?? '')
    }
    // A button elsewhere in the page may be of this form, and bring a value.
    const pressed = tagsOf(html, 'button').find(
      ({ attributes: { form }, at: place }) =>
        (form !== undefined && form === attributes.id) || (form === undefined && place > at && place < end),
    )
    if (pressed?.attributes.name) body.append(pressed.attributes.name, pressed.attributes.value ?? '')
    return { attributes, body }
  })
}

function plausible(type: string): string {
  const values: AttributesOf = {
    number: '1',
    url: 'https://example.org/',
    email: 'ann@example.org',
    date: '2026-01-02',
    time: '03:04',
    'datetime-local': '2026-01-02T03:04',
  }
  return values[type] ?? 'Some text'
}

/** Controls that nothing names, by their own names. */
export function namelessControls(html: string): string[] {
  const labelled = new Set(tagsOf(html, 'label').map(({ attributes }) => attributes.for))
  return tagsOf(html, 'input', 'select', 'textarea', 'button')
    .filter(({ name, attributes, at }) => {
      const { id, type, title } = attributes
      if (type === 'hidden' || type === 'submit') return false
      if (attributes['aria-label'] || attributes['aria-labelledby'] || title || (id && labelled.has(id)))
        return false
      if (name === 'button') return /^[^>]*>\s*<\/button>/.test(html.slice(at))
      return html.lastIndexOf('<label', at) <= html.lastIndexOf('</label', at)
    })
    .map(({ name, attributes }) => attributes.name ?? attributes.id ?? name)
}

/** Ids that stand in a page more than once. */
export function doubledIds(html: string): string[] {
  const ids = tagsOf(html).flatMap(({ attributes }) => attributes.id ?? [])
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))]
}

/** The paths of the links that stay in the app and look at something. */
export function linksOf(html: string): string[] {
  return tagsOf(html, 'a').flatMap(({ attributes: { href = '' } }) => {
    if (!href.startsWith('/') || href.startsWith('//') || href.startsWith('/-/assets')) return []
    return [href.replace(/#.*/, '')]
  })
}
