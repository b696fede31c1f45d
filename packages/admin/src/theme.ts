import { button, type Content, script } from '@localapp/core'

/** Goes from light to dark and back; the browser keeps it. Without it, or until it is used, the system decides. */
export const themeButton: Content = [
  script({ src: '/admin/client.js' }),
  button({ type: 'button', class: 'quiet', 'data-theme-button': true, 'aria-label': 'Light or dark' }, '◐'),
]
