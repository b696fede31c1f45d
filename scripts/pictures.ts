/**
 * The pictures of the README and the guides, taken from the running example: `pnpm pictures`, with Chromium. The
 * assistant's model is scripted, so that they come out alike everywhere.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { docs } from '@localapp/docs'
import { inspector } from '@localapp/inspector'
import { assistant } from '@localapp/llm'
import { scripted } from '@localapp/llm/testing'
import { mcp } from '@localapp/mcp'
import { notebook } from '@localapp/notebook'
import { transfer } from '@localapp/transfer'
import { triggers } from '@localapp/triggers'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findBrowser, installHint } from './browser.ts'
import { root } from './root.ts'

const todos = [
  { title: 'Return the books', due: '2026-12-04', tags: ['town'] },
  { title: 'Call Ann', done: true, priority: 'low' },
  { title: 'Write the report', notes: 'From March on', due: '2026-12-01', priority: 'high', tags: ['work'] },
  { title: 'Buy milk', tags: ['shop'] },
]

const model = scripted([
  {
    calls: [
      { tool: 'todo_create', args: { title: 'Water the plants', tags: ['home'] } },
      { tool: 'todo_update', args: { id: 1, priority: 'high' } },
    ],
  },
  { text: 'Added **Water the plants**, and the books are urgent now.' },
  { calls: [{ tool: 'todo_delete', args: { id: 2 } }] },
  { text: 'It stays.' },
])

/** In the browser: makes WebP of the PNG that stands in for `PNG`, as Base64. */
const toWebp = `(async () => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,PNG')).blob())
  const canvas = new OffscreenCanvas(image.width, image.height)
  canvas.getContext('2d').drawImage(image, 0, 0)
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 })
  return (await blob.bytes()).toBase64()
})()`

async function take(page: Page, name: string): Promise<void> {
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  const blank = await page.context().newPage()
  const made = await blank.evaluate<string>(toWebp.replace('PNG', png.toString('base64')))
  await blank.close()
  const file = join(root, 'docs/pictures', `${name}.webp`)
  writeFileSync(file, Buffer.from(made, 'base64'))
  console.log(`${name.padEnd(12)}${(statSync(file).size / 1000).toFixed(1).padStart(7)} kB`)
}

async function open(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    colorScheme: 'light',
    locale: 'en',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(url)
  return page
}

async function say(page: Page, text: string, then: string): Promise<void> {
  await page.fill('#assistant-form textarea', text)
  await page.keyboard.press('Enter')
  await page.waitForSelector(then)
}

async function takeAll(page: Page): Promise<void> {
  const at = new URL(page.url()).origin
  const go = (path: string) => page.goto(`${at}${path}`)

  await go('/todo')
  await say(page, 'Add “Water the plants”, and make the books urgent.', '.answer >> text=urgent now')
  await take(page, 'todo')

  await go('/todo')
  await page.click('#todo-5 td:nth-child(2) summary')
  await page.fill('#todo-5 input[name=title]', 'Water all the plants')
  await take(page, 'edit')

  await go('/word-count')
  await page.click('main button:text-is("Start")')
  await page.fill('input[name=path]', join(root, 'docs'))
  await page.click('button:text-is("Go on")')
  await page.waitForSelector('.chart')
  // What tells of the last change goes.
  await page.reload()
  await take(page, 'word-count')

  await go('/-/journal')
  await take(page, 'journal')

  await go('/todo')
  await say(page, 'Delete Call Ann.', '.approval')
  await take(page, 'assistant')
  await page.click('.approval >> text=Reject')
  await page.waitForSelector('.answer >> text=It stays.')

  await go('/-/assistant')
  await page.click('main td a >> nth=1')
  await page.click('summary >> text=Instructions >> nth=0')
  await take(page, 'inspector')

  await go('/-/docs')
  await page.click('main >> text=Fields')
  await page.click('#tsd-search-trigger')
  await page.fill('#tsd-search-input', 'optional')
  await page.waitForSelector('#tsd-search-results li')
  await take(page, 'docs')

  await page.emulateMedia({ colorScheme: 'dark' })
  await go('/todo/3')
  await take(page, 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 360, height: 640 })
  await go('/todo')
  await take(page, 'narrow')
}

const executablePath = findBrowser()
if (executablePath === undefined) throw new Error(`No Chromium or Chrome was found. ${installHint}`)
const data = mkdtempSync(join(tmpdir(), 'localapp-pictures-'))
const app = await fastApp({
  title: 'Home',
  root: join(root, 'examples/home'),
  plugins: [
    './plugins',
    admin(),
    assistant({ model }),
    inspector(),
    mcp(),
    transfer(),
    triggers(),
    notebook(),
    docs(),
  ],
  data,
  port: 0,
})
const { url } = await app.serve()
for (const todo of todos) {
  const { status } = await app.actions.call('todo.create', todo, { actor: { kind: 'user' } })
  if (status !== 'done') throw new Error(`“${todo.title}” could not be added: ${status}.`)
}
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  await takeAll(await open(browser, url))
} finally {
  await browser.close()
  await app.close()
  rmSync(data, { recursive: true })
}
