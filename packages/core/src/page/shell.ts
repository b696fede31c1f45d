import {
  a,
  aside,
  body,
  button,
  div,
  form,
  head,
  header,
  html,
  input,
  link,
  main,
  meta,
  nav,
  script,
  title,
} from '../html/elements.ts'
import { type Content, fragment, type Html, raw } from '../html/html.ts'

export interface MenuItem {
  readonly title: string
  readonly href: string
  readonly current: boolean
}

export interface ShellOptions {
  readonly title: string
  readonly appTitle: string
  readonly menu: readonly MenuItem[]
  /** What the user chose; the system's when undefined. */
  readonly theme: 'light' | 'dark' | undefined
  readonly content: Content
  readonly panel?: { readonly title: string; readonly content: Content } | undefined
  readonly approvals: Content
  readonly toasts: Content
  /** Of the app: a new one makes browsers load the assets again. */
  readonly version: string
  /** The number of the last event that the content knows of. */
  readonly since: number
}

/** What htmx does not do here: bring styles of its own, and close what the user opened. */
const htmxConfig = JSON.stringify({ includeIndicatorCSS: false, morphIgnore: ['data-htmx-powered', 'open'] })

export function shell(options: ShellOptions): Html {
  const { appTitle, theme, panel } = options
  const asset = (name: string): string => `/-/assets/${name}?v=${encodeURIComponent(options.version)}`
  const top = header(
    a({ href: '/', class: 'brand' }, appTitle),
    nav(
      { 'aria-label': 'Plugins' },
      options.menu.map(({ href, title, current }) => a({ href, 'aria-current': current && 'page' }, title)),
    ),
    form(
      { action: '/-/search', role: 'search' },
      input({
        type: 'search',
        name: 'q',
        id: 'search',
        'aria-label': 'Search',
        'aria-keyshortcuts': 'Control+K',
        placeholder: 'Search (Ctrl+K)',
      }),
    ),
    button({ type: 'button', class: 'quiet', 'data-theme-button': true, 'aria-label': 'Light or dark' }, '◐'),
    panel &&
      button(
        { type: 'button', class: 'quiet', id: 'panel-button', 'aria-controls': 'panel', title: 'Ctrl+J' },
        panel.title,
      ),
  )
  return fragment(
    raw('<!doctype html>'),
    html(
      { lang: 'en', 'data-theme': theme },
      head(
        meta({ charset: 'utf-8' }),
        meta({ name: 'viewport', content: 'width=device-width, initial-scale=1' }),
        title(options.title === appTitle ? appTitle : `${options.title} · ${appTitle}`),
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
        main({ id: 'main', tabindex: -1 }, options.content),
        panel && aside({ id: 'panel', 'aria-label': panel.title }, panel.content),
        div({ id: 'toasts', 'aria-live': 'polite' }, options.toasts),
        // After the toasts, so that none of them covers a button.
        div({ id: 'approvals', 'aria-live': 'polite' }, options.approvals),
      ),
    ),
  )
}
