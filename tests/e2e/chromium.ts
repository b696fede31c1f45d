import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findBrowser, installHint } from '../../scripts/browser.ts'

/** Starts the Chromium or Chrome of this machine with a fresh profile, kept from calling home. */
export async function openChromium(): Promise<Browser> {
  const executablePath = findBrowser()
  if (executablePath === undefined) throw new Error(`No Chromium or Chrome was found. ${installHint}`)
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page that waits 10 s at most, and adds what goes wrong in it to `errors`; so does a dialog, which no app of ours opens. */
export async function openPage(context: BrowserContext, errors: string[]): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('dialog', (dialog) => errors.push(`dialog: ${dialog.message()}`))
  return page
}
