import type { Browser, Page } from 'playwright-core'
import type { Visited } from './stranger.ts'

/** Opens a page of a running app in a browser that has its cookie; nothing without a browser. */
export async function openPage(
  browser: Browser | undefined,
  app: Visited,
  path: string,
): Promise<Page | undefined> {
  const context = await browser?.newContext()
  const [name = '', value = ''] = app.cookie.split(/=(.*)/s)
  await context?.addCookies([{ name, value, url: app.origin }])
  const page = await context?.newPage()
  page?.setDefaultTimeout(20_000)
  await page?.goto(`${app.origin}${path}`)
  return page
}

/** Adds a record by the form of a list, as a user does, and sees it come; what the browser complains of is thrown. */
export async function addInBrowser(
  browser: Browser | undefined,
  app: Visited,
  plugin: string,
  title: string,
): Promise<void> {
  const page = await openPage(browser, app, `/${plugin}`)
  const complaints: string[] = []
  page?.on('pageerror', ({ message }) => complaints.push(message))
  page?.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page?.fill(`#new-${plugin}-title`, title)
  await page?.click('main >> text=Add')
  await page?.waitForSelector(`td >> text=${title}`)
  await page?.context().close()
  if (complaints.length > 0) throw new Error(`In the browser, /${plugin}:\n${complaints.join('\n')}`)
}
