import { type Browser, chromium } from 'playwright-core'
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
