import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admin } from '@localapp/admin'
import { testApp } from '@localapp/core/testing'
import { transfer } from '@localapp/transfer'
import { expect, test } from 'vitest'
import Todo from '../../examples/home/plugins/10_todo.ts'
import { openChromium, openPage } from './chromium.ts'

test('a file with a bad row is looked at, imported and taken back, on a narrow screen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-e2e-'))
  const file = join(folder, 'my tasks.csv')
  writeFileSync(file, 'Task;Priority\nBuy milk;low\nBuy <b>bread</b>;unknown\n=Eggs;high\n')
  const app = await testApp({ plugins: [Todo, admin(), transfer()] })
  const browser = await openChromium()
  try {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } })
    const errors: string[] = []
    const page = await openPage(context, errors)
    const fits = async () =>
      expect(await page.evaluate('document.documentElement.scrollWidth'), page.url()).toBeLessThanOrEqual(360)
    await page.goto(app.url)
    await page.goto(new URL('/todo', app.url).href)
    await page.click('text=Import >> visible=true')
    await page.setInputFiles('#file-todo', file)
    await page.click('#todo button')
    await page.waitForSelector('h1:has-text("my tasks.csv into Todo")')
    // Nothing is called a title, so every row misses it.
    await page.waitForSelector('li:has-text("Line 2: Title is required.")')
    await fits()
    await page.selectOption('select[name="columns.0"]', 'title')
    await page.click('text=Check again')
    await page.waitForSelector('text=2 to add, 0 to change, 1 bad.')
    expect(await page.textContent('#transfer-import')).toContain('Line 3: Priority must be one of')
    await fits()
    const rows = async () => ((await app.call('todo.list')) as { output: { rows: object[] } }).output.rows
    expect(await rows()).toEqual([])
    await page.click('button:has-text("Import 2 records")')
    await page.waitForSelector('text=Imported: 2 added')
    await page.click('.toast:has-text("Imported") >> text=Undo')
    await page.waitForSelector('text=This import was taken back.')
    expect(await rows()).toEqual([])
    // A toast stands over it for a while.
    await page.press('text=Check again', 'Enter')
    await page.press('button:has-text("Import 2 records")', 'Enter')
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.press('text=Open Todo', 'Enter')
    await page.waitForSelector('td >> text==Eggs')
    await page.fill('#find', 'milk')
    await page.waitForURL(/q=milk/)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('a:text-is("JSON Lines")'),
    ])
    expect(download.suggestedFilename()).toBe('todo.jsonl')
    await download.saveAs(join(folder, 'out.jsonl'))
    const out = readFileSync(join(folder, 'out.jsonl'), 'utf8')
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).title),
    ).toEqual(['Buy milk'])
    expect(errors).toEqual([])
  } finally {
    await browser.close()
    await app.close()
    rmSync(folder, { recursive: true })
  }
})
