import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { ended, home, started, temporaryFolder } from '../home.ts'
import { openChromium, openPage } from './chromium.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds serious on a page as it stands, each with where it is. */
async function problemsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}

/** Pages of the app that a page leads to; one of a kind, so `/todo/1` stands for all records. */
async function linksOf(page: Page): Promise<string[]> {
  const hrefs: string[] = await page.$$eval('a[href^="/"]:not([download])', (links) =>
    links.map((link) => link.getAttribute('href') ?? ''),
  )
  return hrefs.map((href) => href.replace(/[?#].*/, ''))
}

test('axe finds nothing serious on any page of the example app: light, dark, narrow, with what can be opened open', async () => {
  const data = temporaryFolder()
  for (const title of ['Buy milk', 'Read', 'Write'])
    await ended(home(data, 'call', 'todo.create', JSON.stringify({ title, notes: '# Why', tags: ['a'] })))
  await ended(home(data, 'backup'))
  await ended(home(data, 'call', 'todo.update', '{"id":1,"done":true}'))
  await ended(home(data, 'call', 'todo.delete', '{"id":2}'))
  await ended(home(data, 'run', 'word-count'), '{"path":"docs"}\n')
  const { url } = await started(data)
  const browser = await openChromium()
  onTestFinished(() => browser.close())
  const errors: string[] = []
  const page = await openPage(await browser.newContext({ viewport: { width: 1280, height: 800 } }), errors)
  await page.goto(url)
  const found: Record<string, string[]> = {}
  const kinds = new Set<string>()
  const waiting = ['/', '/-/search?q=milk', '/-/nothing', '/todo?q=milk&sort=-due']
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(new URL(path, url).href)
    for (const [name, colorScheme, width] of [
      ['light', 'light', 1280],
      ['dark', 'dark', 360],
    ] as const) {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme })
      await page.$$eval('main details', (all) => {
        for (const each of all) each.setAttribute('open', '')
      })
      const problems = await problemsOf(page)
      if (problems.length > 0) found[`${path} ${name}`] = problems
    }
    for (const link of await linksOf(page)) {
      const kind = link.replaceAll(/\d[\w.-]*/g, 'N')
      // The site of the docs is typedoc's.
      if (link.startsWith('/docs') || kinds.has(kind)) continue
      kinds.add(kind)
      waiting.push(link)
    }
  }
  expect(found).toEqual({})
  expect([...kinds]).toEqual(
    expect.arrayContaining(['/todo', '/todo/N', '/word-count/N', '/-/journal/N', '/-/plugins', '/transfer']),
  )
  expect(errors).toEqual([])
}, 120_000)
