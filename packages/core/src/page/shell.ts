import {
  a,
  aside,
  body,
  button,
  div,
  head,
  header,
  html,
  link,
  main,
  meta,
  nav,
  script,
  title,
} from '../html/elements.ts'
import { type Content, escapeHtml, fragment, type Html, raw } from '../html/html.ts'

/** A link of the menu. */
export interface MenuEntry {
  readonly title: string
  readonly href: string
}

/** What a plugin puts into a place. */
export interface Filling {
  readonly title: string
  readonly content: Content
}

export interface ShellOptions {
  readonly appTitle: string
  readonly menu: readonly MenuEntry[]
  readonly path: string
  readonly content: Html
  readonly header: readonly Filling[]
  readonly panel: readonly Filling[]
  readonly approvals: Content
  readonly toasts: Content
  /** Of the app: a new one makes browsers load the assets again. */
  readonly version: string
  /** The number of the last event that the content knows of. */
  readonly since: number
}

/** What htmx does not do here: bring styles of its own, and close what the user opened. */
const htmxConfig = JSON.stringify({ includeIndicatorCSS: false, morphIgnore: ['data-htmx-powered', 'open'] })

export function shell(options: ShellOptions) {
  const { appTitle, content, menu, panel, path } = options
  const isCurrent = ({ href }: MenuEntry) => path === href || path.startsWith(`${href}/`)
  const appName = escapeHtml(appTitle)
  const name = headingOf(content) || escapeHtml(menu.find(isCurrent)?.title ?? appTitle)
  const asset = (file: string) => `/-/assets/${file}?v=${encodeURIComponent(options.version)}`
  const top = header(
    a({ href: '/', class: 'brand' }, appTitle),
    nav(
      { 'aria-label': 'Plugins' },
      menu.map((entry) => a({ href: entry.href, 'aria-current': isCurrent(entry) && 'page' }, entry.title)),
    ),
    options.header.map(({ content }) => content),
    panel[0] &&
      button(
        { type: 'button', class: 'quiet', id: 'panel-button', 'aria-controls': 'panel', title: 'Ctrl+J' },
        panel[0].title,
      ),
  )
  return fragment(
    raw('<!doctype html>'),
    html(
      { lang: 'en' },
      head(
        meta({ charset: 'utf-8' }),
        meta({ name: 'viewport', content: 'width=device-width, initial-scale=1' }),
        title(raw(name === appName ? name : `${name} · ${appName}`)),
        meta({ name: 'htmx-config', content: htmxConfig }),
        link({ rel: 'icon', href: asset('icon.svg'), type: 'image/svg+xml' }),
        link({ rel: 'stylesheet', href: asset('style.css') }),
        script({ src: asset('htmx.js'), defer: true }),
        script({ src: asset('client.js'), type: 'module' }),
      ),
      body(
        { 'data-since': options.since },
        a({ href: '#main', class: 'skip' }, 'Skip to content'),
        top,
        main({ id: 'main', tabindex: -1 }, content),
        panel[0] &&
          aside(
            { id: 'panel', 'aria-label': panel[0].title },
            panel.map(({ content }) => content),
          ),
        div({ id: 'toasts', 'aria-live': 'polite' }, options.toasts),
        // After the toasts, so that none of them covers a button.
        div({ id: 'approvals', 'aria-live': 'polite' }, options.approvals),
      ),
    ),
  )
}

/** What stands in the first heading of a page, as it is escaped there; nothing where there is none. */
function headingOf(content: Html) {
  const [, heading] = /<h1[^>]*>(.*?)<\/h1>/s.exec(String(content)) ?? []
  return heading?.replaceAll(/<[^>]*>?/g, '')
}
