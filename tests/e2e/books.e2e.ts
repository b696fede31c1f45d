import { type TestApp, testApp } from '@localapp/core/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import Books from '../../examples/home/plugins/50_books.ts'
import Authors from '../../examples/home/plugins/51_authors.ts'
import Tags from '../../examples/home/plugins/52_tags.ts'
import { openChromium, openPage } from './chromium.ts'

let browser: Browser
let app: TestApp
let page: Page
let errors: string[]

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(async () => await browser.close())
beforeEach(async () => {
  errors = []
  app = await testApp({ plugins: [Books, Authors, Tags] })
  for (let i = 1; i <= 120; i++) await call('authors.create', { name: `Author ${i}` })
  for (const name of ['Novel', 'Satire']) await call('tags.create', { name })
  await call('books.create', {
    title: 'Emma',
    author: 1,
    status: 'read',
    finished: '2026-01-05',
  })
  await call('books.create', { title: 'Ulysses', status: 'reading', tags: [1] })
  page = await openPage(await browser.newContext(), errors)
  await page.goto(app.url)
  await page.goto(new URL('/books', app.url).href)
  return async () => {
    await page.context().close()
    await app.close()
    expect(errors).toEqual([])
  }
})

async function call(id: string, input: object): Promise<unknown> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output
}
const shown = (): Promise<string[]> => page.locator('tbody td:has([hx-get$=title])').allInnerTexts()
const offered = (list: string): Promise<string[]> =>
  page.locator(`#${list} option`).evaluateAll((all) => all.map((each) => each.getAttribute('value') ?? ''))

test('a record is picked by typing, from more than the page holds, and taken back', async () => {
  await page.fill('#new-books-title', 'Persuasion')
  await page.click('form summary:text-is("More")')
  expect(await offered('authors-choices')).not.toContain('Author 7 #7')
  await page.locator('#new-books-author').pressSequentially('author 7')
  await expect.poll(() => offered('authors-choices')).toContain('Author 7 #7')
  expect(await offered('authors-choices')).not.toContain('Author 8 #8')
  await page.fill('#new-books-author', 'Author 7 #7')
  await page.fill('[name="tags.0"]', 'Satire #2')
  await page.fill('[name="tags.2"]', 'Novel #1')
  await page.click('button:text-is("Add")')
  await page.waitForSelector('tr:has-text("Persuasion") >> text=Satire, Novel')
  expect(await page.inputValue('#new-books-title')).toBe('')
  await page.click('.toast >> text=Undo')
  await expect.poll(shown).toEqual(['Ulysses', 'Emma'])
})

test('a cell with a reference is edited in place, and its name leads to the record', async () => {
  await page.locator('tr:has-text("Ulysses") summary[hx-get$=author]').click()
  const control = page.locator(
    'form input[list=authors-choices][name=author]:focus, details[open] [name=author]',
  )
  await control.fill('Author 2 #2')
  await page.click('details[open] button:text-is("Save")')
  await page.click('tr:has-text("Ulysses") >> a:text-is("Author 2")')
  await page.waitForSelector('h1:text-is("Author 2")')
})

test('what is referred to says so when it is deleted, and stays', async () => {
  await page.goto(new URL('/authors/1', app.url).href)
  await page.click('summary:text-is("Delete…")')
  await page.click('button.danger')
  await page.waitForSelector('.toast.bad:has-text("refers to one of these")')
  expect(await call('authors.get', { id: 1 })).toMatchObject({ name: 'Author 1' })
})

test('filters by kind of field: the address has all of it, and takes it again', async () => {
  await page.click('summary:text-is("Filter")')
  await page.check('[name=status][value=read]')
  await expect.poll(shown).toEqual(['Emma'])
  await page.check('[name=status][value=reading]')
  await expect.poll(shown).toEqual(['Ulysses', 'Emma'])
  await page.fill('#filter-finished-from', '2026-01-01')
  await page.fill('#filter-finished-to', '2026-01-31')
  await page.click('button:text-is("Show")')
  await expect.poll(shown).toEqual(['Emma'])
  await page.reload()
  expect(await shown()).toEqual(['Emma'])
  expect(await page.inputValue('#filter-finished-to')).toBe('2026-01-31')
  expect(await page.isChecked('[name=status][value=reading]')).toBe(true)
  await page.fill('#filter-finished-from', '2026-01-06')
  await page.click('button:text-is("Show")')
  await page.waitForSelector('text=Nothing was found.')
  await page.goto(new URL('/books?finished=-&tags=Novel+%231', app.url).href)
  expect(await shown()).toEqual(['Ulysses'])
})

test('without script the same controls do', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  await context.addCookies(await page.context().cookies())
  const plain = await openPage(context, errors)
  await plain.goto(new URL('/books', app.url).href)
  await plain.fill('#new-books-title', 'Persuasion')
  await plain.click('form summary:text-is("More")')
  expect(await plain.locator('#authors-choices option').count()).toBe(100)
  await plain.fill('#new-books-author', 'Author 7 #7')
  await plain.click('button:text-is("Add")')
  await plain.waitForSelector('tr:has-text("Persuasion") >> a:text-is("Author 7")')
  await plain.click('summary:text-is("Filter")')
  await plain.fill('#filter-author-is', '7')
  await plain.click('button:text-is("Show")')
  await plain.waitForSelector('text=1 record')
  expect(await plain.locator('tbody tr').count()).toBe(1)
  await context.close()
})
