import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { admin } from '@localapp/admin'
import { type TestApp, testApp } from '@localapp/core/testing'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Docs } from '../../packages/docs/src/docs.ts'
import { root } from '../../scripts/root.ts'
import { openChromium, openPage } from './chromium.ts'

let browser: Browser
let site: string
let app: TestApp
let context: BrowserContext
let page: Page
const errors: string[] = []

async function searchFor(text: string): Promise<void> {
  await page.click('#tsd-search-trigger')
  await page.fill('#tsd-search-input', text)
}

beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), 'localapp-docs-'))
  const typedoc = join(root, 'node_modules/typedoc/bin/typedoc')
  const built = spawnSync(execPath, [typedoc, '--out', site], { cwd: root, encoding: 'utf8' })
  expect(`${built.stdout}${built.stderr}`).not.toContain('warn')
  expect(built.status).toBe(0)
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
  rmSync(site, { recursive: true })
})
beforeEach(async () => {
  app = await testApp({ plugins: [admin(), new Docs(site)] })
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await openPage(context, errors)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(app.url).origin))
      errors.push(`leaves the machine: ${request.url()}`)
  })
  await page.goto(app.url)
  await page.click('nav >> text=Docs')
})
afterEach(async () => {
  await context.close()
  await app.close()
  expect(errors.splice(0)).toEqual([])
})

test('the guides and the API are one site with a search, and the policy of the app holds for it', async () => {
  expect(new URL(page.url()).pathname).toBe('/-/docs')
  await page.click('main >> text=Fields')
  expect(await page.textContent('.col-content h1')).toContain('Fields')
  await searchFor('pluginConformance')
  await page.click('#tsd-search-results a >> nth=0')
  await page.waitForURL('**/docs/functions/**')
  await searchFor('rebinding')
  await page.click('#tsd-search-results a >> nth=0')
  await page.waitForURL('**/docs/documents/**')
  await page.click('#tsd-toolbar-links >> text=Back to the app')
  await page.waitForURL('**/-/docs')
})

test('every page of the site opens, on a screen of 360 pixels too, and a link between guides leads on', async () => {
  await page.setViewportSize({ width: 360, height: 640 })
  const links = await page
    .locator('main li a')
    .evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href))
  expect(links.length).toBeGreaterThan(25)
  for (const link of links) {
    await page.goto(link)
    await page.locator('.col-content').waitFor()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    expect([link, wide]).toEqual([link, 360])
  }
  await page.goto(new URL('/docs/index.html', app.url).href)
  await page.click('.col-content >> text=Cookbook')
  await page.waitForURL('**/docs/documents/cookbook.html')
})
