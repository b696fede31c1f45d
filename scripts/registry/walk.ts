import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { blocksOf } from '../../tests/blocks.ts'
import { expectIn, since, timed, waitFor } from './report.ts'
import { measureInstall } from './size.ts'
import type { Stranger } from './stranger.ts'
import { sayFirstPages } from './template.ts'
import { addInBrowser, openPage } from './visit.ts'

/** The plugin of the docs' first page, and what a reader may make of it. */
const [book] = blocksOf('docs/start.md', 'ts')
const right = book?.code ?? ''
const broken = right.replace('t.integer', 't.integr')
const mended = right.replace('    rating:', '    shelf: t.text({ optional: true }),\n    rating:')

/** Adds the plugin of the docs to an app that runs, breaks it and mends it. */
async function writePlugin(stranger: Stranger, where: string, browser: Browser | undefined): Promise<void> {
  const file = join(where, 'plugins/30_book.ts')
  const plugins = async (): Promise<string> => await stranger.run(where, stranger.manager.localapp('plugins'))
  await stranger.whileStarted(where, async (app) => {
    await timed('the plugin of the docs’ first page is there once it is saved', async () => {
      writeFileSync(file, right)
      await waitFor('Book', 'the page /book', async () => await app.get('/book'))
    })
    await app.get('/api/book/create', { title: 'Emma', author: 'Jane Austen' })
    const page = await openPage(browser, app, '/book')
    await page?.waitForSelector('td >> text=Emma')
    await timed('broken, it says where, and the last version goes on', async () => {
      writeFileSync(file, broken)
      await waitFor('t.integr is not a function', 'the terminal', app.said)
      expectIn(app.said(), '30_book.ts', 'the terminal')
      expectIn(await app.get('/-/plugins'), 't.integr is not a function', 'the page of plugins')
      expectIn(await app.get('/book'), 'Emma', 'the page /book')
      const failed = await plugins().then(String, String)
      expectIn(failed, 't.integr is not a function', 'what the command line says')
    })
    await timed('mended, with a field more, it is there again', async () => {
      writeFileSync(file, mended)
      await waitFor('Shelf', 'the page /book', async () => await app.get('/book'))
      await page?.waitForSelector('th:has-text("Shelf")')
      expectIn(await app.get('/book'), 'Emma', 'the page /book')
      expectIn(await plugins(), '"book"', 'what the command line says')
    })
  })
}

/** Creates a plugin package, tests it by its conformance test, builds it and publishes it. */
async function publishPlugin(stranger: Stranger): Promise<void> {
  const { manager } = stranger
  const where = await timed(
    'created a plugin package',
    async () => await stranger.create('plugin', 'localapp-reading'),
  )
  await timed('installed it', async () => await stranger.run(where, manager.install))
  await timed('its tests pass, the conformance test too', async () => {
    const said = await stranger.run(where, manager.script('test', '--reporter=verbose'))
    expectIn(said, 'the plugin keeps the promises of localapp', 'what its tests say')
  })
  await timed('built and published it', async () => await stranger.run(where, ['npm', 'publish', '--silent']))
}

/** Installs the published plugin into the app, uses it, removes it, and sees that its data is kept. */
async function installPlugin(stranger: Stranger, where: string, browser: Browser | undefined): Promise<void> {
  const { manager } = stranger
  const name = 'localapp-reading'
  await timed('installed the plugin into the app', async () => await stranger.run(where, manager.add(name)))
  await timed('used it by HTTP, in the browser and on the command line', async () => {
    await stranger.whileStarted(where, async (app) => {
      await app.get('/api/reading/create', { title: 'By HTTP', link: 'https://example.org/' })
      await addInBrowser(browser, app, 'reading', 'In the browser')
      const listed = await stranger.run(where, manager.localapp('call', 'reading.list'))
      for (const title of ['By HTTP', ...(browser ? ['In the browser'] : [])])
        expectIn(listed, title, 'the list')
    })
  })
  await timed('removed it, and the app goes on without it', async () => {
    await stranger.run(where, manager.remove(name))
    await stranger.whileStarted(where, async (app) => {
      const status = await app.status('/reading')
      if (status !== 404) throw new Error(`/reading answered ${status} once the plugin was removed.`)
      expectIn(await app.get('/book'), 'Emma', 'the page /book')
    })
  })
  await timed('installed it again: its data was kept', async () => {
    await stranger.run(where, manager.add(name))
    expectIn(await stranger.run(where, manager.localapp('call', 'reading.list')), 'By HTTP', 'the list')
  })
}

/** The whole road from nothing to a published plugin; tells whether the app is small enough. */
export async function walk(stranger: Stranger, browser: Browser | undefined): Promise<boolean> {
  console.log(`\n── the whole walk, by ${stranger.manager.name}`)
  const begun = performance.now()
  const where = await timed('created an app', async () => await stranger.create('app', 'my-app'))
  await timed('installed it', async () => await stranger.run(where, stranger.manager.install))
  const isSmall = measureInstall(where)
  await sayFirstPages(stranger, browser, where, 'todo')
  for (const script of ['types', 'test'])
    await timed(`npm run ${script}`, async () => await stranger.run(where, stranger.manager.script(script)))
  await writePlugin(stranger, where, browser)
  await publishPlugin(stranger)
  await installPlugin(stranger, where, browser)
  console.log(`   ${since(begun).padStart(7)}  the whole walk`)
  return isSmall
}
