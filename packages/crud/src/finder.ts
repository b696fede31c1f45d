import { button, type Content, type Field, form, input, label, labelOf, option, select } from '@localapp/core'
import type { Crud } from './actions.ts'
import { fieldsWith } from './query.ts'

/** Search and filters: a form whose state is the address, so that it can be shared, reloaded and gone back to. */
export function finder(plugin: string, { fields }: Crud, query: Readonly<Record<string, string>>): Content {
  const isSearched = Object.values(fields).some(({ options }) => options.search)
  const filters = Object.entries(fieldsWith(fields, ({ options }) => options.filter))
  if (!isSearched && filters.length === 0) return undefined
  return form(
    {
      class: 'finder',
      role: 'search',
      action: `/${plugin}`,
      'hx-get': `/${plugin}`,
      'hx-target': `#${plugin}-list`,
      'hx-swap': 'outerMorph',
      'hx-replace-url': 'true',
    },
    isSearched &&
      input({
        type: 'search',
        name: 'q',
        id: 'find',
        value: query.q,
        placeholder: 'Find',
        'aria-label': 'Find',
        'data-autosubmit': true,
      }),
    filters.map(([name, field]) =>
      label(
        { for: `filter-${name}` },
        labelOf(name, field),
        ' ',
        filterControl(name, field, query[name] ?? ''),
      ),
    ),
    button({ class: 'quiet' }, 'Show'),
  )
}

function filterControl(name: string, field: Field, value: string): Content {
  const id = `filter-${name}`
  const words = field.schema().enum?.filter((word) => word !== null)
  const choices =
    field.kind === 'bool'
      ? [
          ['true', 'yes'],
          ['false', 'no'],
        ]
      : words?.map((word) => [word, word])
  if (!choices) return field.control({ name, id, required: false }, value)
  return select(
    { name, id, 'data-autosubmit': true },
    option({ value: '' }, 'any'),
    choices.map(([choice = '', text]) => option({ value: choice, selected: choice === value }, text)),
  )
}
