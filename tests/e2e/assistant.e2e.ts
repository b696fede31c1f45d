import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, fastApp } from '@localapp/core'
import { inspector } from '@localapp/inspector'
import { assistant, ollama } from '@localapp/llm'
import { type FakeOllama, type FakePart, fakeOllama } from '@localapp/llm/testing'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import Todo from '../../examples/home/plugins/10_todo.ts'
import { openChromium, openPage } from './chromium.ts'

const milk = { tool: 'todo_create', args: { title: 'Buy milk' } }
let browser: Browser
let server: FakeOllama
let app: App
let context: BrowserContext
let page: Page
let data: string
/** What the fake Ollama answers, one request after the other. */
let answers: FakePart[][]
const errors: string[] = []

async function openApp(): Promise<void> {
  const model = ollama(undefined, { host: server.host })
  app = await fastApp({ plugins: [Todo, assistant({ model }), inspector()], data, port: 0 })
  const { url } = await app.serve()
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await openPage(context, errors)
  await page.goto(url)
  await page.click('nav >> text=Todo')
}

async function say(text: string): Promise<void> {
  await page.fill('#assistant-form textarea', text)
  await page.keyboard.press('Enter')
}

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
})
beforeEach(async () => {
  answers = []
  data = mkdtempSync(join(tmpdir(), 'localapp-e2e-'))
  server = await fakeOllama(() => answers.shift() ?? ['…'])
  await openApp()
})
afterEach(async () => {
  await context.close()
  await app.close()
  await server.close()
  expect(errors.splice(0)).toEqual([])
})

test('the answer streams bit by bit, its call makes a row in every tab, and one Undo takes the turn back', async () => {
  const other = await openPage(context, errors)
  await other.goto(page.url())
  await page.bringToFront()
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  answers = [
    [milk, { tool: 'todo_create', args: { title: 'Buy bread' } }],
    ['Add', 'ed ', held, '**both**.'],
  ]
  await say('add milk and bread')
  for (const tab of [page, other]) {
    await tab.waitForSelector('td >> text=Buy milk')
    await tab.waitForSelector('td >> text=Buy bread')
  }
  await page.waitForSelector('#assistant .live:text-is("Added ")')
  release()
  await page.waitForSelector('#assistant .answer strong:text-is("both")')
  await other.waitForSelector('#assistant .answer strong:text-is("both")')
  await page.click('#assistant >> text=Undo all of it')
  for (const tab of [page, other]) await tab.waitForSelector('main >> text=Nothing is here yet')
  await page.waitForSelector('#assistant >> text=Undo all of it', { state: 'detached' })
})

test('a delete asks first with a card that names the record; approved, it is done and can be undone', async () => {
  answers = [[milk], ['Added.'], [{ tool: 'todo_delete', args: { id: 1 } }], ['Gone.']]
  await say('add buy milk')
  await page.waitForSelector('.answer >> text=Added.')
  await say('delete it')
  await page.waitForSelector('.approval h2:has-text("Buy milk")')
  expect(await page.locator('td >> text=Buy milk').count()).toBe(1)
  await page.click('.approval >> text=Approve')
  await page.waitForSelector('.answer >> text=Gone.')
  await page.waitForSelector('main >> text=Nothing is here yet')
  expect(await page.locator('.approval').count()).toBe(0)
  await page.locator('#assistant >> text=Undo all of it').last().click()
  await page.waitForSelector('td >> text=Buy milk')
})

test('a rejected delete is not done, and the answer goes on', async () => {
  answers = [[milk], ['Added.'], [{ tool: 'todo_delete', args: { id: 1 } }], ['It stays.']]
  await say('add buy milk')
  await page.waitForSelector('.answer >> text=Added.')
  await say('delete it')
  await page.click('.approval >> text=Reject')
  await page.waitForSelector('.answer >> text=It stays.')
  expect(await page.locator('td >> text=Buy milk').count()).toBe(1)
})

test('what the model was sent and what it answered stands on a page that follows, until it is forgotten', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  answers = [
    [{ thinking: 'A task.' }, milk],
    ['Added', held, ' it.'],
  ]
  await say('add <b>milk</b>')
  await page.waitForSelector('#assistant .live:text-is("Added")')
  await page.click('#assistant >> text=What it was sent')
  await page.click('main td >> text=add <b>milk</b>')
  const last = page.locator('main section:has(h2:text-is("Request 2 of 2"))')
  await last.locator('text=There is no end of this answer').waitFor()
  release()
  await last.locator('pre:text-is("Added it.")').waitFor()
  await page.click('main summary >> text=Instructions >> nth=0')
  const sent = JSON.parse(String(await last.locator('details:has-text("as JSON") pre').textContent()))
  const told = sent.messages.map(({ role, content }: Record<string, unknown>) => ({ role, content }))
  expect(server.chats[1]?.messages.map(({ role, content }) => ({ role, content }))).toEqual(told)
  expect(sent.tools.map(({ name }: { name: string }) => name)).toEqual(
    server.chats[1]?.tools?.map(({ function: { name } }) => name),
  )
  await page.click('#assistant >> text=Forget…')
  await page.click('#assistant >> text=Forget the conversation')
  await page.waitForSelector('main >> text=Nothing of this turn is kept.')
})

test('Stop ends an answer; a restart keeps the conversation, and it can be forgotten', async () => {
  answers = [['Once upon', 'hang']]
  await say('tell me a story')
  await page.waitForSelector('#assistant .live:text-is("Once upon")')
  await page.click('#assistant >> text="Stop"')
  await page.waitForSelector('#assistant >> text=Stopped.')
  await expect.poll(() => server.aborted).toBe(1)
  await context.close()
  await app.close()
  await openApp()
  expect(await page.textContent('#assistant .log')).toMatch(/tell me a story.*Once upon.*Stopped\./s)
  await page.click('#assistant >> text=Forget…')
  await page.click('#assistant >> text=Forget the conversation')
  await page.waitForSelector('#assistant .user', { state: 'detached' })
})

test('with no Ollama the panel says what to do, and a command does its work', async () => {
  await server.close()
  await say('hello')
  await page.waitForSelector('#assistant section >> text=Ollama is not running. Start it with “ollama serve”')
  await page.reload()
  await page.waitForSelector('.status >> text=Ollama is not running.')
  await say('/todo.create title="Buy milk" priority=high')
  await page.waitForSelector('td >> text=Buy milk')
  await page.waitForSelector('#assistant section >> text=Added “Buy milk”')
  await say('/todo.create titel=x')
  await page.waitForSelector('#assistant section >> text=There is no field “titel”. The fields are: ')
})

test('what a model writes cannot run, load or swap anything', async () => {
  const hostile = [
    '<script>alert(1)</script><img src="/x" onerror="alert(1)">\n\n![x](https://evil.example/leak.png)\n\n',
    '<hx-partial hx-target="main" hx-swap="innerHTML">taken over</hx-partial>\n\n',
    '<div hx-get="/-/journal" hx-trigger="load" hx-target="main">x</div>\n\n[click](javascript:alert(1))',
  ]
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  answers = [
    [{ tool: 'todo_create', args: { title: hostile.join(' ').replaceAll('\n', ' ').slice(0, 190) } }],
    hostile,
  ]
  await say('add something bad')
  await page.waitForSelector('.answer >> text=taken over')
  await page.waitForSelector('td >> text=alert(1)')
  expect(
    await page.locator('.answer').locator('script, img, hx-partial, [hx-get], a[href^="javascript"]').count(),
  ).toBe(0)
  expect(await page.locator('main h1').textContent()).toBe('Todo')
  expect(asked.filter((url) => /evil|\/x$|journal/.test(url))).toEqual([])
})

test('at 360 px it is a sheet that keys open, and nothing lies over what is being written', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await page.locator('#assistant').isVisible()).toBe(false)
  await page.keyboard.press('Control+j')
  expect(await page.locator('#assistant textarea').evaluate((area) => area === document.activeElement)).toBe(
    true,
  )
  answers = [[milk], ['Added `it` '.repeat(60)], [{ tool: 'todo_delete', args: { id: 1 } }]]
  await page.keyboard.type('add buy milk')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.answer >> text=Added')
  await say('delete it')
  await page.waitForSelector('.approval')
  await page.locator('#assistant button:text-is("Send")').click({ trial: true })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
})

test('without script the form posts, and the answer is there after a reload', async () => {
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  })
  const tab = await plain.newPage()
  await tab.goto(page.url())
  answers = [['Good day.']]
  await tab.fill('#assistant-form textarea', 'hello')
  await tab.click('#assistant-form button')
  expect(new URL(tab.url()).pathname).toBe('/todo')
  await page.waitForSelector('.answer >> text=Good day.')
  await tab.reload()
  expect(await tab.textContent('.answer')).toContain('Good day.')
  await plain.close()
})
