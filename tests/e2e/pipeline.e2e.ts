import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, fastApp } from '@localapp/core'
import { PipelinePlugin, pipe } from '@localapp/pipeline'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import WordCount from '../../examples/home/plugins/20_word_count.ts'
import { openChromium, openPage } from './chromium.ts'

let browser: Browser
let context: BrowserContext
let page: Page
let app: App
let data: string
let texts: string
const errors: string[] = []

let finish = (): void => undefined

/** Its last step works until the test says so. */
class Slow extends PipelinePlugin({
  name: 'slow',
  steps: pipe().run('work', {
    title: 'Work',
    run: async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return { found: 'all of it' }
    },
  }),
}) {}

/** Opens the app, lets the browser in, and returns the address of the pipeline. */
async function open(): Promise<string> {
  app = await fastApp({ plugins: [WordCount, Slow], data, port: 0 })
  const { url } = await app.serve()
  await page.goto(url)
  return new URL('/word-count', url).href
}

/** Starts a run by the button, which leads to its page. */
async function start(on = page): Promise<void> {
  await on.goto(new URL('/word-count', on.url()).href)
  await on.click('button:text-is("Start")')
  await on.waitForURL(/\/word-count\/\d+/)
}

async function choose(folder: string, on = page): Promise<void> {
  await on.fill('input[name=path]', folder)
  await on.click('button:text-is("Go on")')
}

/** A file that is read to its end only when the test says so. */
function holdBack(): { letGo: (text: string) => Promise<void> } {
  const file = join(texts, 'z-slow.txt')
  execFileSync('mkfifo', [file])
  return { letGo: (text) => writeFile(file, text) }
}

/** The page keeps within a narrow screen. */
async function expectNarrow(): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  await page.setViewportSize({ width: 1280, height: 800 })
}

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'localapp-e2e-'))
  texts = join(data, 'texts')
  for (const folder of ['notes', 'node_modules', '.hidden']) {
    mkdirSync(join(texts, folder), { recursive: true })
    writeFileSync(
      join(texts, folder, 'one.md'),
      `${folder === 'notes' ? 'Äpfel' : 'Nowhere'} ÄPFEL <b>brot</b>`,
    )
  }
  writeFileSync(join(texts, 'two.txt'), 'Äpfel und Brot')
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await openPage(context, errors)
  await open()
})
afterEach(async () => {
  await context.close()
  await app.close()
  rmSync(data, { recursive: true })
  expect(errors.splice(0)).toEqual([])
})

test('a folder, progress, a chart, an approval, a report; a reload and a restart come back to the same place', async () => {
  const held = holdBack()
  await start()
  await page.waitForSelector('.toast:has-text("Word count 1: started")')
  await choose('/nowhere')
  await page.waitForSelector('.error:text-is("There is no folder “/nowhere”.")')
  expect(await page.inputValue('input[name=path]')).toBe('/nowhere')
  await expectNarrow()
  await choose(texts)
  const progress = '#step-words [role=status]:has-text("2 of 3 z-slow.txt")'
  await page.waitForSelector(progress)
  expect(await page.getAttribute('#step-words progress', 'value')).toBe('2')
  await expectNarrow()
  await page.reload()
  await page.waitForSelector(progress)
  const { pathname } = new URL(page.url())
  await app.close()
  await open()
  await page.goto(new URL(pathname, page.url()).href)
  await page.waitForSelector(progress)
  await held.letGo('brot brot')
  await page.waitForSelector('.chart .bar')
  expect(await page.locator('.chart').textContent()).toBe('The most frequent words, as in the tablebrotäpfel')
  expect(await page.locator('#step-right td').allTextContents()).toEqual(['brot', '4', 'äpfel', '3'])
  await expectNarrow()
  await page.click('button:text-is("Approve")')
  const report = await page.textContent('#step-report code')
  expect(report).toBe(join(data, 'home', 'word-count', '1', 'report.md'))
  expect(readFileSync(String(report), 'utf8')).toContain('| brot | 4 |\n| äpfel | 3 |')
  expect(await page.locator('details:not([open])').count()).toBe(3)
  await expectNarrow()
})

test('a revert fills the form again, and Undo of it comes back', async () => {
  await start()
  await choose(texts)
  await page.waitForSelector('.chart')
  await page.click('#step-folder summary')
  await page.click('#step-folder button:text-is("Revert")')
  await page.waitForSelector('section#step-folder')
  expect(await page.inputValue('input[name=path]')).toBe(texts)
  expect(await page.locator('.chart').count()).toBe(0)
  await page.click('.toast:has-text("reverted") >> text=Undo')
  await page.waitForSelector('.chart')
})

test('what the last step gives is open as soon as it is there', async () => {
  await page.goto(new URL('/slow', page.url()).href)
  await page.click('button:text-is("Start")')
  await page.waitForSelector('#step-work progress')
  finish()
  await page.waitForSelector('#step-work >> text=all of it')
})

test('two runs in two tabs do not mix, and what is typed in one is left alone', async () => {
  const held = holdBack()
  await start()
  const other = await openPage(context, errors)
  await other.goto(page.url())
  await start(other)
  await other.fill('input[name=path]', 'half typed')
  await page.bringToFront()
  await choose(texts)
  await page.waitForSelector('#step-words progress')
  await held.letGo('mehr')
  await page.waitForSelector('.chart')
  await other.bringToFront()
  expect(await other.textContent('h1')).toBe('Word count 2')
  expect(await other.inputValue('input[name=path]')).toBe('half typed')
  expect(await other.locator('.chart').count()).toBe(0)
  const third = await openPage(context, errors)
  await third.goto(page.url())
  await page.bringToFront()
  await page.press('button:text-is("Approve")', 'Enter')
  await page.waitForSelector('#step-report code')
  await third.bringToFront()
  await third.waitForSelector('#step-report code')
})

test('stopped work waits for Retry, and a folder without texts is said in words', async () => {
  const held = holdBack()
  await start()
  await choose(texts)
  await page.waitForSelector('[role=status]:has-text("z-slow.txt")')
  await page.click('button:text-is("Stop")')
  await page.waitForSelector('.error:has-text("This was stopped.")')
  await held.letGo('')
  rmSync(join(texts, 'z-slow.txt'))
  await page.click('button:text-is("Retry")')
  await page.waitForSelector('.chart')
  await start()
  mkdirSync(join(data, 'empty'))
  await choose(join(data, 'empty'))
  await page.waitForSelector('.error:has-text("It takes 1 to 1,000 texts, and 0 can be read in")')
})

test('without script', async () => {
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  })
  try {
    const still = await plain.newPage()
    still.setDefaultTimeout(10_000)
    await still.goto(new URL('/word-count', page.url()).href)
    await still.click('button:text-is("Start")')
    await still.waitForSelector('.toast:has-text("started")')
    await choose(texts, still)
    await expect.poll(async () => (await still.reload()) && (await still.locator('.chart').count())).toBe(1)
    await still.click('button:text-is("Approve")')
    await expect
      .poll(async () => (await still.reload()) && (await still.locator('#step-report code').count()))
      .toBe(1)
  } finally {
    await plain.close()
  }
})
