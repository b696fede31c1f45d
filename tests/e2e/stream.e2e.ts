import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppHandle, div, fastApp, Plugin, type PluginContext } from '@localapp/core'
import { expect, test } from 'vitest'
import { openChromium } from './chromium.ts'

test('text that comes while the page fetches the element that it belongs to is not lost', async () => {
  let app: AppHandle | undefined
  let text: string | undefined
  let answered = Promise.resolve()
  class Story extends Plugin {
    readonly name = 'story'
    setup(context: PluginContext): void {
      app = context.app
      context.page('/', async ({ region }) => [
        div({ id: 'mark' }),
        await region('box', ['story'], async () => {
          const content = text !== undefined && div({ id: 'text' }, text)
          await answered
          return content
        }),
      ])
    }
  }
  const running = await fastApp({
    plugins: [Story],
    data: mkdtempSync(join(tmpdir(), 'localapp-e2e-')),
    port: 0,
  })
  const { url } = await running.serve()
  const browser = await openChromium()
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(10_000)
    await page.goto(url)
    await page.goto(new URL('/story', url).href)
    const { promise, resolve } = Promise.withResolvers<void>()
    answered = promise
    text = ''
    const asked = page.waitForRequest((request) => request.headers()['hx-target']?.includes('box') ?? false)
    app?.announce(['story'])
    await asked
    text = 'Once upon'
    app?.streams.text({ target: 'text', at: 0, text })
    app?.streams.text({ target: 'mark', at: 0, text: 'seen' })
    await page.waitForSelector('#mark:text("seen")')
    resolve()
    await page.waitForSelector('#text:text-is("Once upon")')
    expect(await page.locator('#text').count()).toBe(1)
  } finally {
    await browser.close()
    await running.close()
  }
})
