import { readFileSync } from 'node:fs'
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
import type { SharedHandle } from '../plugin/host.ts'
import type { Filling, MenuEntry } from '../plugin/plugin.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL(import.meta.resolve('@localapp/core/package.json')), 'utf8'),
)

/** A new version makes browsers load it again. */
const asset = (file: string) => `/-/assets/${file}?v=${version}`

export interface Sides {
  readonly header: readonly Filling[]
  readonly panel: readonly Filling[]
  readonly approvals: Content
  readonly toast: Content
  /** The last event that the content knows of. */
  readonly since: number
}

/** What htmx does not do here: bring styles of its own, and close what the user opened. */
const htmxConfig = JSON.stringify({ includeIndicatorCSS: false, morphIgnore: ['data-htmx-powered', 'open'] })

export function shell(app: SharedHandle, path: string, content: Html, sides: Sides) {
  const { panel } = sides
  const [first] = panel
  const menu = app.menu()
  const isCurrent = ({ href }: MenuEntry) => path === href || path.startsWith(`${href}/`)
  const appName = escapeHtml(app.title)
  const name = headingOf(content) || escapeHtml(menu.find(isCurrent)?.title ?? app.title)
  const top = header(
    a({ href: '/', class: 'brand' }, app.title),
    nav(
      { 'aria-label': 'Plugins' },
      menu.map((entry) => a({ href: entry.href, 'aria-current': isCurrent(entry) && 'page' }, entry.title)),
    ),
    sides.header.map(({ content }) => content),
    first &&
      button(
        { type: 'button', class: 'quiet', id: 'panel-button', 'aria-controls': 'panel', title: 'Ctrl+J' },
        first.title,
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
        { 'data-since': sides.since },
        a({ href: '#main', class: 'skip' }, 'Skip to content'),
        top,
        main({ id: 'main', tabindex: -1 }, content),
        first &&
          aside(
            { id: 'panel', 'aria-label': first.title },
            panel.map(({ content }) => content),
          ),
        div({ id: 'toasts', 'aria-live': 'polite' }, sides.toast),
        // After the toasts, so that none of them covers a button.
        div({ id: 'approvals', 'aria-live': 'polite' }, sides.approvals),
      ),
    ),
  )
}

/** What stands in the first heading of a page, as it is escaped there; nothing where there is none. */
function headingOf(content: Html) {
  const [, heading] = /<h1[^>]*>(.*?)<\/h1>/s.exec(String(content)) ?? []
  return heading?.replaceAll(/<[^>]*>?/g, '')
}
