import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { admin } from '@localapp/admin'
import { type TestApp, testApp } from '@localapp/core/testing'
import { assistant } from '@localapp/llm'
import { scripted } from '@localapp/llm/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import Todo from '../../examples/home/plugins/10_todo.ts'
import WordCount from '../../examples/home/plugins/20_word_count.ts'
import { temporaryFolder } from '../home.ts'
import { openChromium } from './chromium.ts'

let browser: Browser
let app: TestApp
let page: Page

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
})
beforeEach(async () => {
  app = await testApp({ plugins: [Todo, WordCount, admin(), assistant({ model: scripted([]) })] })
  const context = await browser.newContext({ javaScriptEnabled: false })
  page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(app.url)
  await follow('nav >> text=Todo')
})
afterEach(async () => {
  await page.context().close()
  await app.close()
})

/** Clicks what leads to another page, and waits for that. */
async function follow(selector: string): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.click(selector)
  await loaded
}

/** The address that the page has come to, without what names the toast. */
const path = (): string => new URL(page.url()).pathname
const cells = async (): Promise<string[]> =>
  await page.locator('main tbody tr td:nth-child(2)').allInnerTexts()

async function add(title: string): Promise<void> {
  await page.fill('#new-todo-title', title)
  await follow('#new-todo button:text-is("Add")')
  await page.waitForSelector(`.toast >> text=Added “${title}”`)
}

test('a to-do is added, edited, ticked, deleted, and brought back from the journal', async () => {
  await add('Buy milk')
  await add('Buy bread')
  expect([path(), await cells()]).toEqual(['/todo', ['Buy bread', 'Buy milk']])

  await follow('tr:has-text("Buy milk") >> text=Open')
  await page.fill('#record-title', 'Buy oat milk')
  await page.fill('#record-due', '2026-12-24')
  await follow('text=Save')
  expect([path(), await page.inputValue('#record-title')]).toEqual(['/todo/1', 'Buy oat milk'])
  await follow('nav[aria-label=Back] >> text=Todo')
  expect(await page.textContent('tr:has-text("Buy oat milk")')).toContain('2026')

  const done = 'tr:has-text("Buy oat milk") input[type=checkbox]'
  await page.check(done)
  await follow('tr:has-text("Buy oat milk") >> noscript button')
  expect(path()).toBe('/todo')
  expect(await page.isChecked(done)).toBe(true)
  await page.uncheck(done)
  await follow('tr:has-text("Buy oat milk") >> noscript button')
  expect(await page.isChecked(done)).toBe(false)

  await follow('tr:has-text("Buy bread") >> text=Delete')
  expect([path(), await cells()]).toEqual(['/todo', ['Buy oat milk']])
  await follow('nav >> text=Journal')
  await follow('tr:has-text("Deleted “Buy bread”") >> text=Undo')
  expect(path()).toBe('/-/journal')
  await follow('nav >> text=Todo')
  expect(await cells()).toEqual(['Buy bread', 'Buy oat milk'])
})

test('the toast of what was done takes it back', async () => {
  await add('Buy milk')
  await follow('.toast >> text=Undo')
  await page.waitForSelector('main >> text=Nothing is here yet')
})

test('a refused form says why, keeps what was typed, and is right once it is mended', async () => {
  await page.fill('#new-todo-title', 'Write to Ann')
  await page.click('summary:text-is("More")')
  await page.check('#new-todo-done')
  await page.selectOption('#new-todo-priority', 'high')
  await page.fill('#new-todo-tags', 'post, friends')
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await follow('#new-todo button:text-is("Add")')
  expect((await answered).status()).toBe(422)
  expect(await page.textContent('#new-todo-notes-error')).toBe('Say how it ended.')
  expect(await page.getAttribute('#new-todo-notes', 'aria-invalid')).toBe('true')
  expect(await page.inputValue('#new-todo-title')).toBe('Write to Ann')
  expect(await page.isChecked('#new-todo-done')).toBe(true)
  expect(await page.inputValue('#new-todo-priority')).toBe('high')
  expect(await page.inputValue('#new-todo-tags')).toBe('post, friends')
  await page.fill('#new-todo-notes', 'She wrote first.')
  await follow('main button')
  expect([path(), await cells()]).toEqual(['/todo', ['Write to Ann']])
})

test('a record that has changed in another tab is not written over, and says so', async () => {
  await add('Buy milk')
  await follow('tr:has-text("Buy milk") >> text=Open')
  await app.call('todo.update', { id: 1, title: 'Buy bread' })
  await page.fill('#record-title', 'Buy tea')
  await follow('text=Save')
  await page.waitForSelector('main >> text=was changed by someone else meanwhile')
  expect(await app.call('todo.get', { id: 1 })).toMatchObject({ output: { title: 'Buy bread' } })
})

test('a command in the chat does its work, and says what came of it', async () => {
  await page.fill('#assistant-form textarea', '/todo.create title="Buy milk" priority=high')
  await follow('#assistant-form button')
  expect([path(), await cells()]).toEqual(['/todo', ['Buy milk']])
  expect(await page.textContent('#assistant .log')).toContain('Added “Buy milk”')
})

/** A page without script does not follow the run, so it is loaded again once the run has come to its next stop. */
async function reloadAfterWork(): Promise<void> {
  expect(await app.call('word-count.show', { run: 1, seconds: 50 })).toMatchObject({ status: 'done' })
  await page.reload()
}

test('a pipeline is started, answered and approved by its forms', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'poem.txt'), 'Rose rose rose river')
  await follow('nav >> text=Word count')
  await follow('#start button')
  expect(path()).toBe('/word-count/1')
  await page.fill('main input[name=path]', join(folder, 'nowhere'))
  await follow('text=Go on')
  expect(await page.textContent('main .error:has-text("There is no folder")')).toContain('nowhere')
  await page.fill('main input[name=path]', folder)
  await follow('main button')
  expect(path()).toBe('/word-count/1')
  await reloadAfterWork()
  await page.waitForSelector('#step-right td >> text=rose')
  await follow('text=Approve')
  await reloadAfterWork()
  await page.waitForSelector('#step-report >> text=The report is in')
})
