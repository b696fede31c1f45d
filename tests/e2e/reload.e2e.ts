import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FolderApp, folderApp } from '../folder-app.ts'
import { openChromium, openPage } from './chromium.ts'

const app = `
import { fastApp } from '@localapp/core'
const app = await fastApp({ port: 0 })
await app.run()
`
const notes = (title: string, fields = ''): string => `
import { CrudPlugin, t } from '@localapp/crud'
export default class Notes extends CrudPlugin({ name: 'notes', title: '${title}', fields: { text: t.text(), ${fields} } }) {}
`

let browser: Browser
let running: FolderApp

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())
beforeEach(async () => {
  running = await folderApp(app, { 'notes.ts': notes('Notes') })
})
afterEach(() => running.close())

test('a page that is open shows the new version of its plugin, and keeps what is half typed', async () => {
  const errors: string[] = []
  const context = await browser.newContext()
  const page = await openPage(context, errors)
  await page.goto(running.url)
  await running.call('notes.create', { text: 'First' })
  await page.waitForSelector('td >> text=First')
  await page.fill('#new-notes-text', 'Half typed')
  running.save('notes.ts', notes('Notes', 'done: t.bool()'))
  await page.waitForSelector('th:text-is("Done")')
  expect(await page.inputValue('#new-notes-text')).toBe('Half typed')
  running.save('notes.ts', 'export default class {')
  await expect.poll(running.said).toContain('notes.ts:1')
  await page.click('main >> text=Add')
  await page.waitForSelector('td >> text=Half typed')
  await page.check('tr:has-text("Half typed") input[type=checkbox]')
  await expect.poll(async () => (await running.call('notes.list')).text).toContain('"done":true')
  expect(errors).toEqual([])
  await context.close()
})
