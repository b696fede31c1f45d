import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectIn, since, timed } from './report.ts'
import { aims, measureInstall } from './size.ts'
import type { Stranger } from './stranger.ts'

/** Starts an app, adds a record to one of its plugins and sees it on the page. Returns milliseconds to the first page. */
export async function use(stranger: Stranger, where: string, plugin: string): Promise<number> {
  return await stranger.whileStarted(where, async ({ get, first, begun }) => {
    const page = await get(first)
    expectIn(page, '<!doctype html>', 'the first page')
    const took = performance.now() - begun
    for (const asset of page.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg)[^"]*)"/g))
      await get(String(asset[1]))
    expectIn(await get(`/api/${plugin}/create`, { title: 'Buy milk' }), 'Buy milk', 'the answer')
    expectIn(await get(`/${plugin}`), 'Buy milk', `the page /${plugin}`)
    return took
  })
}

/** Creates a project, installs it, uses it, runs its scripts; tells whether what it runs on is small enough. */
export async function tryTemplate(stranger: Stranger, template: string): Promise<boolean> {
  const { manager } = stranger
  console.log(`\n── ${template}, by ${manager.name}`)
  const begun = performance.now()
  const isPlugin = template === 'plugin'
  const where = await stranger.create(template, isPlugin ? 'localapp-shelf' : `my-${template}`)
  await stranger.run(where, manager.install)
  console.log(`   created and installed in ${since(begun)}`)
  const isSmall = manager.name !== 'npm' || measureInstall(where) || isPlugin
  const plugin = isPlugin ? 'shelf' : 'todo'
  await sayFirstPages(stranger, where, plugin)
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
export async function sayFirstPages(stranger: Stranger, where: string, plugin: string): Promise<void> {
  const times = [await use(stranger, where, plugin), await use(stranger, where, plugin)].map(Math.round)
  const starts = 'after the first and the second start'
  console.log(`   first page ${times.join(' and ')} ms ${starts} (aim < ${aims.firstPage})`)
}
