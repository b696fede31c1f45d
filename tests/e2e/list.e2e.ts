import { setTimeout } from 'node:timers/promises'
import { admin } from '@localapp/admin'
import { type TestApp, testApp } from '@localapp/core/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import Todo from '../../examples/home/plugins/10_todo.ts'
import { openChromium } from './chromium.ts'

let browser: Browser
let app: TestApp
let page: Page

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(async () => await browser.close())
beforeEach(async () => {
  app = await testApp({ plugins: [Todo, admin()] })
  for (const title of ['Cheese', 'Bread', 'Apples']) await app.call('todo.create', { title })
  await app.call('todo.update', { id: 2, done: true })
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(app.url)
  await page.goto(new URL('/todo', app.url).href)
  return async () => {
    await page.context().close()
    await app.close()
  }
})

const stored = async (): Promise<unknown> => {
  const outcome = await app.call('todo.list')
  const { rows } = (outcome.status === 'done' ? outcome.output : {}) as { rows: { title: string }[] }
  return rows.map(({ title }) => title)
}
const shown = (): Promise<string[]> => page.locator('tbody td:has([hx-get$=title])').allInnerTexts()

test('rows are dragged into order, by the mouse and by the keyboard', async () => {
  expect(await shown()).toEqual(['Apples', 'Bread', 'Cheese'])
  const from = await page.locator('#todo-1 [data-handle]').boundingBox()
  const to = await page.locator('#todo-3 [data-handle]').boundingBox()
  if (!from || !to) throw new Error('There is no handle.')
  await page.mouse.move(from.x + 5, from.y + 5)
  await page.mouse.down()
  await page.mouse.move(to.x + 5, to.y + 10, { steps: 5 })
  await page.mouse.move(to.x + 5, to.y - 5)
  await page.mouse.up()
  await expect.poll(stored).toEqual(['Cheese', 'Apples', 'Bread'])
  await page.focus('#todo-1 [data-handle]')
  await page.keyboard.press('Alt+ArrowDown')
  await page.keyboard.press('Alt+ArrowDown')
  await expect.poll(stored).toEqual(['Apples', 'Bread', 'Cheese'])
  await page.reload()
  expect(await shown()).toEqual(['Apples', 'Bread', 'Cheese'])
})

test('search and filters narrow the list, and the address keeps them', async () => {
  await page.fill('main input[type=search]', 'bre')
  await expect.poll(shown).toEqual(['Bread'])
  expect(page.url()).toContain('q=bre')
  await page.reload()
  expect(await shown()).toEqual(['Bread'])
  await page.fill('main input[type=search]', '')
  await expect.poll(shown).toHaveLength(3)
  await page.click('summary:text-is("Filter")')
  await page.check('main [name=done][value=false]')
  await expect.poll(shown).toEqual(['Apples', 'Cheese'])
  await page.keyboard.press('Control+k')
  await page.keyboard.type('chee')
  await page.keyboard.press('Enter')
  await page.click('main >> text=Cheese')
  await page.waitForSelector('h1:text-is("Cheese")')
})

test('a click on a heading sorts, and the order stays while one searches', async () => {
  await app.call('todo.update', { id: 1, due: '2026-03-01' })
  await app.call('todo.update', { id: 2, due: '2026-01-01' })
  await page.click('th >> text=Due')
  await page.waitForSelector('th[aria-sort=ascending]')
  expect(await shown()).toEqual(['Apples', 'Bread', 'Cheese'])
  await page.click('th >> text=Due')
  await expect.poll(shown).toEqual(['Cheese', 'Bread', 'Apples'])
  await page.fill('main input[type=search]', 'e')
  await page.fill('main input[type=search]', 'ch')
  await expect.poll(shown).toEqual(['Cheese'])
  await page.fill('main input[type=search]', '')
  await expect.poll(shown).toEqual(['Cheese', 'Bread', 'Apples'])
  await page.click('th >> text=Due')
  await expect.poll(() => page.locator('[data-handle]').count()).toBe(3)
})

test('a delete is taken back by its toast', async () => {
  await page.click('#todo-2 >> text=Delete')
  await expect.poll(shown).toEqual(['Apples', 'Cheese'])
  await page.click('.toast:has-text("Deleted “Bread”") >> text=Undo')
  await expect.poll(shown).toEqual(['Apples', 'Bread', 'Cheese'])
})

test('an error stands beside its field, and keeps what was typed', async () => {
  await page.fill('#new-todo-title', 'Eggs')
  await page.click('main form summary')
  await page.selectOption('#new-todo-priority', 'high')
  await page.check('#new-todo-done')
  await page.click('main >> text=Add')
  await page.waitForSelector('#new-todo-notes-error:has-text("Say how it ended.")')
  expect(await page.inputValue('#new-todo-title')).toBe('Eggs')
  expect(await page.getAttribute('#new-todo-notes', 'aria-invalid')).toBe('true')
  await page.fill('#new-todo-notes', 'All eaten.')
  await page.click('main >> text=Add')
  await expect.poll(shown).toEqual(['Eggs', 'Apples', 'Bread', 'Cheese'])
  expect(await page.inputValue('#new-todo-title')).toBe('')
  expect(await page.textContent('#new-todo-notes-error')).toBe('')
})

test('what is half typed is left alone while others change the list', async () => {
  await page.fill('#new-todo-title', 'Half')
  await page.click('#todo-3 td:nth-child(2) summary')
  await page.fill('#todo-3 input[name=title]', 'Apples and')
  await app.call('todo.create', { title: 'From elsewhere' })
  await page.waitForSelector('td >> text=From elsewhere')
  expect(await page.inputValue('#todo-3 input[name=title]')).toBe('Apples and')
  expect(await page.inputValue('#new-todo-title')).toBe('Half')
  await page.fill('#todo-3 input[name=title]', 'Apples and pears')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#todo-3 summary:text-is("Apples and pears")')
})

test('a box that is ticked and unticked before the first answer comes ends as it looks', async () => {
  await page.route('**/api/todo/update', async (route) => {
    await setTimeout(300)
    await route.continue()
  })
  const box = page.locator('#todo-1 input[type=checkbox]')
  await box.click()
  await box.click()
  await setTimeout(1_000)
  expect(await box.isChecked()).toBe(false)
  expect(await app.call('todo.get', { id: 1 })).toMatchObject({ output: { done: false } })
  await box.click()
  await box.click()
  await box.click()
  await expect.poll(() => app.call('todo.get', { id: 1 })).toMatchObject({ output: { done: true } })
  expect(await box.isChecked()).toBe(true)
})

test('what is sent twice at once is done once', async () => {
  await page.fill('#new-todo-title', 'Eggs')
  await page.evaluate(
    `for (const again of [1, 2]) document.getElementById('new-todo').requestSubmit(document.querySelector('#new-todo > button'))`,
  )
  await page.waitForSelector('td >> text=Eggs')
  await page.reload()
  expect(await shown()).toEqual(['Eggs', 'Apples', 'Bread', 'Cheese'])
})

test('light and dark is remembered', async () => {
  const background = (): Promise<string> =>
    page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  const before = await background()
  await page.click('#theme')
  const after = await background()
  expect(after).not.toBe(before)
  await page.reload()
  expect(await background()).toBe(after)
})
