import { admin } from '@localapp/admin'
import { testApp } from '@localapp/core/testing'
import { triggers } from '@localapp/triggers'
import { expect, test } from 'vitest'
import Todo from '../../examples/home/plugins/10_todo.ts'
import { openChromium, openPage } from './chromium.ts'

test('a trigger is made on the page, runs in front of the user, and asks before it takes data away', async () => {
  const app = await testApp({ plugins: [Todo, admin(), triggers()] })
  const browser = await openChromium()
  const shots = process.env.SHOTS
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const errors: string[] = []
    const page = await openPage(context, errors)
    const picture = async (name: string) => {
      if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
    }
    await page.goto(app.url)
    await page.goto(new URL('/triggers', app.url).href)
    await page.waitForSelector('text=There is no trigger yet.')
    await picture('empty')
    await page.selectOption('#new-when', 'schedule')
    await page.selectOption('#new-action', 'todo.create')
    await page.click('text=Go on')
    await page.waitForSelector('text=At certain times: Add (todo.create).')
    expect(await page.inputValue('#new-trigger-input')).toContain('"title": ""')
    await picture('new')
    await page.fill('#new-trigger-name', 'Every second')
    await page.fill('#new-trigger-schedule', 'now and then')
    await page.fill('#new-trigger-input', '{"title": "Made by a trigger"}')
    await page.click('button:text-is("Add trigger")')
    await page.waitForSelector('#new-trigger-schedule-error:has-text("is no schedule")')
    await picture('refused')
    await page.fill('#new-trigger-schedule', '* * * * * *')
    await page.click('button:text-is("Add trigger")')
    // The list follows by itself.
    await page.waitForSelector('section:has-text("Every second") >> text=Last: >> text=done')
    await page.waitForSelector('section:has-text("Every second") >> text=Next:')
    await page.click('button:text-is("Turn off")')
    await page.waitForSelector('section:has-text("Every second") >> text=Turn on')
    const titles = async () => {
      const outcome = await app.call('todo.list')
      const { rows } = (outcome.status === 'done' ? outcome.output : { rows: [] }) as {
        rows: { title: string }[]
      }
      return rows.map(({ title }) => title)
    }
    expect((await titles())[0]).toBe('Made by a trigger')

    await page.selectOption('#new-when', 'created')
    await page.selectOption('#new-action', 'todo.delete')
    await page.click('text=Go on')
    await page.fill('#new-trigger-name', 'Throw away <b>new</b> ones')
    await page.fill('#new-trigger-table', 'todo')
    await page.fill('#new-trigger-input', '{"id": "{{id}}"}')
    await page.click('button:text-is("Add trigger")')
    await page.waitForSelector('section:has-text("Throw away <b>new</b> ones")')
    await app.call('todo.create', { title: 'Short-lived' })
    await page.waitForSelector('section:has-text("Throw away") >> text=asks you first')
    expect(await titles()).toContain('Short-lived')
    await picture('list')
    await page.setViewportSize({ width: 360, height: 740 })
    await picture('list-360')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await page.emulateMedia({ colorScheme: 'dark' })
    await picture('list-dark-360')
    await page.setViewportSize({ width: 1280, height: 800 })
    await picture('list-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.click('section:has-text("Throw away") >> a:has-text("Throw away")')
    await page.waitForSelector('#trigger-form')
    await picture('trigger')
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await picture('trigger-360')
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.click('section:has-text("Throw away") >> a:text-is("Journal")')
    await page.click('button:text-is("Approve")')
    await page.waitForFunction("!document.body.textContent.includes('Nothing has been done yet')")
    expect(await titles()).not.toContain('Short-lived')
    await page.goto(new URL('/triggers', app.url).href)
    await page.waitForSelector('text=you were asked, and it was done')
    expect(errors).toEqual([])
  } finally {
    await browser.close()
    await app.close()
  }
})
