import {
  type AppHandle,
  a,
  type Content,
  div,
  h1,
  h2,
  li,
  type PageRequest,
  p,
  section,
  ul,
} from '@localapp/core'
import { style } from './page.ts'

/** The way to everything: a card for each link of the menu, and for what plugins put into the slot `home`. */
export async function homePage(app: AppHandle, { region, slot }: PageRequest): Promise<Content> {
  const failed = app.plugins().filter(({ error }) => error)
  const content = await region('home-journal', ['localapp_entry'], () => newestEntries(app))
  const fillings = [{ title: 'Journal', content }, ...(await slot('home'))]
  const entries = app.menu()
  const titles = new Set([...entries, ...fillings].map(({ title }) => title))
  const cards = [...titles].map((title) => {
    const entry = entries.find((each) => each.title === title)
    const own = fillings.filter((filling) => filling.title === title)
    return section(
      { class: 'card' },
      h2(entry ? a({ href: entry.href }, title) : title),
      own.map(({ content }) => content),
    )
  })
  return [
    style,
    h1(app.title),
    failed.length > 0 &&
      p(
        { class: 'error' },
        `Could not be started: ${failed.map(({ name }) => `“${name}”`).join(', ')}. `,
        a({ href: '/-/plugins' }, 'See why'),
      ),
    entries.every(({ href }) => href.startsWith('/-/')) &&
      p('There is nothing here yet. Put a plugin into the folder “plugins” and start the app again.'),
    div({ class: 'cards' }, cards),
  ]
}

function newestEntries({ journal }: AppHandle): Content {
  const done = journal.list({ limit: 20 }).filter(({ state, undone }) => state === 'done' && !undone)
  if (done.length === 0) return p('Nothing has been done yet.')
  return ul(done.slice(0, 3).map(({ summary }) => li(summary)))
}

/** The way to the pages that stand in no menu. */
export function adminCard(app: AppHandle): Content {
  const running = app.plugins().filter(({ plugin }) => plugin).length
  return [
    p(a({ href: '/-/plugins' }, 'Plugins'), `: ${running} of ${app.plugins().length} run`),
    p(a({ href: '/-/health' }, 'Health')),
  ]
}
