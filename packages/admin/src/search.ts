import {
  type AppHandle,
  a,
  type Content,
  form,
  type HostedPlugin,
  type Html,
  h1,
  h2,
  input,
  li,
  type PageRequest,
  p,
  report,
  type SearchResult,
  section,
  small,
  ul,
} from '@localapp/core'

/** Stands in the header of every page; Ctrl+K leads to it. */
export function searchForm({ url, query }: PageRequest): Html {
  return form(
    { action: '/-/search', role: 'search' },
    input({
      type: 'search',
      name: 'q',
      id: 'search',
      value: url.pathname === '/-/search' ? query.q : undefined,
      'aria-label': 'Search',
      'aria-keyshortcuts': 'Control+K',
      placeholder: 'Search (Ctrl+K)',
    }),
  )
}

/** Pages and records that hold a text, by plugin. */
export async function searchPage(app: AppHandle, { query }: PageRequest): Promise<Content> {
  const text = (query.q ?? '').trim().slice(0, 200)
  if (text === '') return [h1('Search'), p('Type what you look for into the field above.')]
  const pages = app.menu().filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()))
  const running = app.plugins().filter(({ plugin }) => plugin)
  const found = await Promise.all(running.map((each) => searchOne(each, text)))
  const groups = [{ title: 'Pages', results: pages }, ...found].filter(({ results }) => results.length > 0)
  return [
    h1(`Search: ${text}`),
    groups.length === 0 && p('Nothing was found.'),
    groups.map(({ title, results }) => section(h2(title), ul(results.map(resultItem)))),
  ]
}

/** A search that throws says so among the results, and does not keep the others. */
async function searchOne({ name, title, searches }: HostedPlugin, text: string) {
  try {
    return { title, results: (await Promise.all(searches.map((find) => find(text)))).flat() }
  } catch (error) {
    report(`The search of “${name}” threw:`, error)
    return { title, results: [{ title: 'This could not be searched.', href: `/${name}` }] }
  }
}

function resultItem({ title, href, detail }: SearchResult) {
  return li(a({ href }, title), detail && [' ', small(detail)])
}
