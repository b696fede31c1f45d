import { a, button, type Content, type Html, link, nav, script } from '@localapp/core'

/** What pages with cards begin with. */
export const style = link({ rel: 'stylesheet', href: '/admin/style.css' })

/** Light or dark, which the browser keeps. Until it is used, the system decides. */
export const themeButton: Content = [
  button({ type: 'button', class: 'quiet', id: 'theme', 'aria-label': 'Light or dark' }, '◐'),
  script({ src: '/admin/client.js' }),
]

export function backTo(href: string, title: string): Html {
  return nav({ 'aria-label': 'Back' }, a({ href }, title))
}
