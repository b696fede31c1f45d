import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { expectIn, since, timed } from './report.ts'
import { aims, measureInstall } from './size.ts'
import type { Stranger } from './stranger.ts'
import { addInBrowser } from './visit.ts'

/**
 * Starts an app, adds a record to one of its plugins, by HTTP and in the browser, and sees it on the page. Returns
 * milliseconds to the first page.
 */
async function use(
  stranger: Stranger,
  browser: Browser | undefined,
  where: string,
  plugin: string,
): Promise<number> {
  return await stranger.whileStarted(where, async (app) => {
    const { get, first, begun } = app
    const begin = await get(first)
    expectIn(begin, '<!doctype html>', 'the first page')
    const took = performance.now() - begun
    for (const asset of begin.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg)[^"]*)"/g))
      await get(String(asset[1]))
    expectIn(await get(`/api/${plugin}/create`, { title: 'Buy milk' }), 'Buy milk', 'the answer')
    await addInBrowser(browser, app, plugin, 'In the browser')
    const page = await get(`/${plugin}`)
    for (const title of ['Buy milk', ...(browser ? ['In the browser'] : [])])
      expectIn(page, title, `the page /${plugin}`)
    return took
  })
}

/** Creates a project, installs it, uses it, runs its scripts; tells whether what it runs on is small enough. */
export async function tryTemplate(
  stranger: Stranger,
  browser: Browser | undefined,
  template: string,
): Promise<boolean> {
  const { manager } = stranger
  console.log(`\n── ${template}, by ${manager.name}`)
  const begun = performance.now()
  const isPlugin = template === 'plugin'
  const where = await stranger.create(template, isPlugin ? 'localapp-shelf' : `my-${template}`)
  await stranger.run(where, manager.install)
  console.log(`   created and installed in ${since(begun)}`)
  const isSmall = manager.name !== 'npm' || measureInstall(where) || isPlugin
  const plugin = isPlugin ? 'shelf' : 'todo'
  await sayFirstPages(stranger, browser, where, plugin)
  const listed = await stranger.run(where, manager.localapp('call', `${plugin}.list`))
  expectIn(listed, 'Buy milk', 'what the command line lists')
  const { scripts } = JSON.parse(readFileSync(join(where, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const tried = ['types', 'test', 'build', 'docs'].filter((script) => scripts[script])
  for (const script of tried)
    await timed(`${manager.name} ${script}`, async () => await stranger.run(where, manager.script(script)))
  return isSmall
}

/** Uses an app twice and prints how long each start took to the first page. */
export async function sayFirstPages(
  stranger: Stranger,
  browser: Browser | undefined,
  where: string,
  plugin: string,
): Promise<void> {
  const times: number[] = []
  for (let start = 0; start < 2; start++) times.push(Math.round(await use(stranger, browser, where, plugin)))
  const starts = 'after the first and the second start'
  console.log(`   first page ${times.join(' and ')} ms ${starts} (aim < ${aims.firstPage})`)
}
