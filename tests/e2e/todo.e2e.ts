import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { expect, test } from 'vitest'
import Todo from '../../examples/home/plugins/10_todo.ts'
import { openChromium } from './chromium.ts'

test('todo: add, edit in place, tick, undo; a second tab follows; a restart loses nothing', async () => {
  const data = mkdtempSync(join(tmpdir(), 'localapp-e2e-'))
  const app = await fastApp({ plugins: [Todo, admin()], data, port: 0 })
  const { url } = await app.serve()
  const browser = await openChromium()
  try {
    const context = await browser.newContext()
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(url)
    await page.click('nav >> text=Todo')
    const other = await context.newPage()
    await other.goto(page.url())
    await page.bringToFront()
    await page.fill('#new-todo-title', 'Buy milk')
    await page.keyboard.press('Enter')
    await page.waitForSelector('td >> text=Buy milk')
    await other.waitForSelector('td >> text=Buy milk')
    await page.click('td >> text=Buy milk')
    await page.fill('td input[name=title]', 'Buy oat milk')
    await page.keyboard.press('Enter')
    await page.waitForSelector('td >> text=Buy oat milk')
    await page.click('.toast:has-text("Changed") >> text=Undo')
    await page.waitForSelector('td summary:text-is("Buy milk")')
    const call = (input: object) => app.actions.call('todo.update', input, { actor: { kind: 'user' } })
    await call({ id: 1, priority: 'high' })
    await page.waitForSelector('td >> text=high')
    await page.click('td input[type=checkbox]')
    await page.waitForSelector('td .error:has-text("Say how it ended.")')
    expect(await page.isChecked('td input[type=checkbox]')).toBe(false)
    await call({ id: 1, priority: 'low' })
    await page.waitForSelector('td >> text=low')
    await page.check('td input[type=checkbox]')
    await page.waitForSelector('td input[type=checkbox]:checked')
    await page.goto(new URL('/-/journal', url).href)
    expect(await page.textContent('main')).toContain('Added “Buy milk”')
    await page.locator('#entry-1 button').click()
    await page.waitForSelector('.toast:has-text("has changed since")')
    expect(await page.locator('.toast:has-text("the app answered")').count()).toBe(0)
    await page.setViewportSize({ width: 360, height: 740 })
    for (const title of ['One', 'Two', 'Three'])
      await app.actions.call('todo.create', { title }, { actor: { kind: 'user' } })
    await page.locator('.toast:has-text("Three")').waitFor()
    expect(await page.locator('.toast:visible').count()).toBe(2)
    for (const path of ['/todo', '/-/journal', '/-/plugins']) {
      await page.goto(new URL(path, url).href)
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(360)
    }
    expect(errors).toEqual([])
  } finally {
    await browser.close()
    await app.close()
  }
  const again = await fastApp({ plugins: [Todo], data, port: 0 })
  await again.open()
  const outcome = await again.actions.call('todo.list', {}, { actor: { kind: 'user' } })
  const kept = expect.objectContaining({ title: 'Buy milk', done: true })
  expect(outcome).toMatchObject({ status: 'done', output: { rows: expect.arrayContaining([kept]) } })
  await again.close()
})
