import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, fastApp, h1, Plugin, type PluginContext, p } from '@localapp/core'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'
import { json, widget } from '@localapp/widgets'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { root } from '../../scripts/root.ts'
import { blocksOf } from '../blocks.ts'
import { openChromium, openPage } from './chromium.ts'

let browser: Browser
let context: BrowserContext
let page: Page
let app: App
let data: string
const errors: string[] = []

// Two modules of the npm registry that know nothing of localapp.
const position = {
  center: json<readonly number[]>({ default: [13.4, 52.5] }),
  zoom: t.number({ default: 5 }),
}
const height = t.text({ default: '20rem' })
const packaged = 'anymap-ts/anymap_ts/static'
const leaflet = widget('leaflet', {
  module: join(root, 'node_modules', packaged, 'leaflet.js'),
  css: join(root, 'node_modules', packaged, 'leaflet.css'),
  title: 'Map',
  state: {
    ...position,
    height,
    current_zoom: t.number({ optional: true }),
    clicked: json<{ lng: number } | null>({ default: null }),
    _js_calls: json<readonly object[]>({ default: [] }),
  },
})
const openLayers = widget('open-layers', {
  module: `${packaged}/openlayers.js`,
  css: `${packaged}/openlayers.css`,
  state: { ...position, height },
})

const own = (file: string) => join(root, 'tests/widgets', file)
const counter = widget('counter', {
  module: own('counter.js'),
  state: { count: t.integer({ default: 0, max: 5 }) },
})
const slider = widget('slider', { module: own('slider.js'), state: { level: t.integer({ default: 10 }) } })
const talker = widget('talker', {
  module: own('talker.js'),
  state: { picture: json({ default: null }) },
  answer: (content) => ({ sum: (content as { add: number[] }).add.reduce((sum, each) => sum + each, 0) }),
})
const broken = widget('broken', { module: own('broken.js'), state: {} })
const importing = widget('importing', { module: 'vitest/dist/index.js', state: {} })

const places = [
  [13.4, 52.5],
  [11.6, 48.1],
  [10, 53.6],
].map((coordinates) => ({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates } }))
const geoJson = { name: 'places', fitBounds: false, data: { type: 'FeatureCollection', features: places } }
/** What the page says of the map: the places on it. */
const calls = [{ id: 1, method: 'addGeoJSON', args: [], kwargs: geoJson }]

class Maps extends Plugin {
  name = 'maps'
  setup(context: PluginContext) {
    const { action, app, page, table } = context
    app.rt.get('/', () => h1('Home'))
    const hidden = table('hidden', { hidden: t.bool() })
    for (const each of [leaflet, openLayers, counter, slider, talker, broken, importing]) each.setup(context)
    action('hide', { effect: 'write', run: (_input, { table }) => table(hidden).insert({ hidden: true }) })
    page('/', () => [h1('Maps'), leaflet({ values: { _js_calls: calls } }), openLayers()])
    page('/small', async ({ region }) => [
      h1('Small'),
      await region('small', [hidden.name], () => {
        const times = app.reader(hidden).count()
        return [p(`Rendered after ${times}`), times < 2 && counter(), times === 0 && slider()]
      }),
    ])
    page('/talk', () => [h1('Talk'), talker()])
    page('/broken', () => [h1('Broken'), broken(), importing(), counter(), counter({ instance: 2 })])
  }
}

class Trip extends PipelinePlugin({
  name: 'trip',
  steps: pipe()
    .ask('who', { title: 'Who goes?', fields: { name: t.text() } })
    .approve('where', { title: 'Where to?', show: ({ input }) => openLayers({ instance: input.name }) })
    .run('booked', {
      title: 'Book it',
      run: ({ input }) =>
        `${input.name}: ${(openLayers.state(input.name).center[0] ?? 0) > 14 ? 'east' : 'here'}`,
    }),
}) {
  override setup(context: PluginContext) {
    super.setup(context)
    context.app.rt.get('/', () => h1('Home'))
    openLayers.setup(context)
  }
}

/** Drags a map to the left. */
async function drag(on: Page): Promise<void> {
  await on.locator('.ol-viewport').scrollIntoViewIfNeeded()
  const box = await on.locator('.ol-viewport').boundingBox()
  if (!box) throw new Error('There is no map.')
  await on.mouse.move(box.x + 200, box.y + 100)
  await on.mouse.down()
  for (let x = 200; x > 100; x -= 10) {
    await on.mouse.move(box.x + x, box.y + 100)
    await on.waitForTimeout(60)
  }
  expect(ofMap()).toHaveLength(0)
  await on.mouse.up()
}
const ofMap = () => summaries().filter((each) => each.startsWith('Open layers'))
const east = (instance = 'main') => openLayers.state(instance).center[0] ?? 0

const at = (path: string) => new URL(path, page.url()).href
const summaries = () => app.journal.list().map(({ summary }) => summary)

async function open(plugin: string | (new () => Plugin)): Promise<void> {
  app = await fastApp({ plugins: [plugin], data, port: 0 })
  await page.goto((await app.serve()).url)
}

/** Any word of the browser's about its policy, or of a file that is not there, is an error. */
async function another(): Promise<Page> {
  const opened = await openPage(context, errors)
  opened.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text())
  })
  return opened
}

beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'localapp-e2e-'))
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  page = await another()
})
afterEach(async () => {
  await context.close()
  await app.close()
  rmSync(data, { recursive: true })
  expect(errors.splice(0)).toEqual([])
})

test('two modules from npm run on a page, and a settled change is one entry, in both tabs', async () => {
  await open(Maps)
  await page.goto(at('/maps'))
  await expect.poll(() => page.locator('path.leaflet-interactive').count()).toBe(3)
  expect(await page.evaluate("getComputedStyle(document.querySelector('.ol-zoom')).position")).toBe(
    'absolute',
  )
  const other = await another()
  await other.goto(at('/maps'))
  await other.waitForSelector('.ol-zoom-in')
  await page.bringToFront()
  await drag(page)
  await expect.poll(() => east()).toBeGreaterThan(14)
  expect(ofMap()).toHaveLength(1)
  await app.actions.call('maps.set-leaflet', { zoom: 7 }, { actor: { kind: 'cli' } })
  await expect.poll(() => leaflet.state().current_zoom).toBe(7)
  await other.bringToFront()
  await other.click('.leaflet-container', { position: { x: 50, y: 50 } })
  await expect.poll(() => leaflet.state().clicked?.lng).toBeLessThan(13)
  await other.click('.toast:has-text("Map: Clicked") >> text=Undo')
  await expect.poll(() => leaflet.state().clicked).toBe(null)
  await other.setViewportSize({ width: 360, height: 740 })
  expect(await other.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
})

test('a module from npm runs in a step that comes into an open page, and the next step has its state', async () => {
  await open(Trip)
  await page.goto(at('/trip'))
  await page.click('button:text-is("Start")')
  await page.fill('input[name=name]', 'Ann')
  await page.click('button:text-is("Go on")')
  await page.waitForSelector('.ol-viewport')
  await drag(page)
  await expect.poll(() => east('Ann')).toBeGreaterThan(14)
  await page.click('button:text-is("Approve")')
  await page.waitForSelector('text=Ann: east')
})

test('a slider that saves with every movement makes one entry when it comes to rest', async () => {
  await open(Maps)
  await page.goto(at('/maps/small'))
  const box = await page.locator('input[type=range]').boundingBox()
  if (!box) throw new Error('There is no slider.')
  await page.mouse.move(box.x + 10, box.y + box.height / 2)
  await page.mouse.down()
  for (let x = 10; x < box.width - 10; x += 5) {
    await page.mouse.move(box.x + x, box.y + box.height / 2)
    await page.waitForTimeout(20)
  }
  await app.actions.call('maps.set-counter', { count: 1 }, { actor: { kind: 'cli' } })
  await page.waitForSelector('button:text-is("count is 1")')
  await page.waitForTimeout(700)
  expect(summaries()).toEqual(['Counter: Count 1'])
  await page.mouse.up()
  await expect.poll(() => slider.state().level).toBeGreaterThan(80)
  expect(summaries()).toHaveLength(2)
  await page.focus('input[type=range]')
  await page.keyboard.press('Home')
  await page.goto(at('/maps'))
  await expect.poll(() => slider.state().level).toBe(0)
})

test('a refresh leaves a living widget alone, and one that has gone is cleaned up', async () => {
  await open(Maps)
  await page.goto(at('/maps/small'))
  await page.click('button:text-is("count is 0")')
  await page.click('button:text-is("count is 1")')
  await page.waitForSelector('.toast:has-text("Counter: Count 2")')
  const button = await page.$('.widget button')
  await app.actions.call('maps.hide', {}, { actor: { kind: 'user' } })
  await page.waitForSelector('text=Rendered after 1')
  expect(await button?.isVisible()).toBe(true)
  expect(await page.locator('input[type=range]').count()).toBe(0)
  const told = () => page.evaluate('({ ...document.body.dataset, since: undefined })')
  expect(await told()).toEqual({ begun: '1', changes: '3' })
  await button?.click()
  await app.actions.call('maps.hide', {}, { actor: { kind: 'user' } })
  await page.waitForSelector('text=Rendered after 2')
  await expect.poll(told).toMatchObject({ cleaned: '1', ended: 'yes', aborted: 'yes' })
  await expect.poll(() => counter.state().count).toBe(3)
})

test('what a widget throws, imports or is refused is said in its place, and the others go on', async () => {
  await open(Maps)
  await page.goto(at('/maps/broken'))
  await page.waitForSelector('.error:text-is("This widget does not work: there is no canvas here")')
  const refused = await page.textContent('.widget .error:has-text("“Importing” cannot run.")')
  expect(refused).toContain('imports “./chunks')
  expect(refused).toContain('npx esbuild')
  const [first, second] = [page.locator('.widget button').nth(0), page.locator('.widget button').nth(1)]
  for (let i = 0; i < 6; i++) await first.click()
  await page.waitForSelector('.error:text-is("Count must be at most 5.")')
  await expect.poll(() => first.textContent()).toBe('count is 0')
  await first.click()
  await expect.poll(() => counter.state().count).toBe(1)
  expect(await second.textContent()).toBe('count is 0')
  await expect.poll(() => page.locator('.error:visible').count()).toBe(2)
  expect(errors.splice(0).sort()).toEqual([expect.stringContaining('422'), 'there is no canvas here'])
})

test('a change in one tab shows in the other, and what a module makes of it is no change of its own', async () => {
  await open(Maps)
  await page.goto(at('/maps/small'))
  const other = await another()
  await other.goto(at('/maps/small'))
  await other.click('button:text-is("count is 0")')
  await page.bringToFront()
  await page.waitForSelector('button:text-is("count is 1")')
  await page.goto(at('/maps'))
  await page.waitForSelector('.ol-viewport')
  const before = summaries().length
  await app.actions.call('maps.set-open-layers', { center: [2.35, 48.86] }, { actor: { kind: 'cli' } })
  await app.actions.call('maps.set-open-layers', { zoom: 7.3 }, { actor: { kind: 'cli' } })
  await page.waitForSelector('.toast:has-text("Zoom 7.3")')
  await page.waitForTimeout(1_500)
  expect(summaries()).toHaveLength(before + 2)
})

test('a message is answered, and what is not to be had is said in words', async () => {
  await open(Maps)
  await page.goto(at('/maps/talk'))
  await page.click('button:text-is("ask")')
  await page.waitForSelector('output:text-is("6 and 0 buffers")')
  await page.click('button:text-is("send bytes")')
  await page.waitForSelector('.error:has-text("messages are JSON")')
  await page.click('button:text-is("set bytes")')
  await page.waitForSelector('.error:has-text("“picture” was set to bytes, and the state is JSON")')
  await page.click('button:text-is("reach")')
  await page.waitForSelector(
    'output:has-text("Other widgets cannot be reached. This app takes no calls of widgets")',
  )
  expect(summaries()).toEqual([])
})

test('a module that is saved takes the place of the old one in an open page, with the state', async () => {
  const folder = mkdtempSync(join(root, 'tests/plugins-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const save = (words: string) =>
    writeFileSync(
      join(folder, '_sign.js'),
      `export default { render({ model, el }) { el.textContent = '${words} ' + model.get('text') } }`,
    )
  save('old')
  const text = `
    import { h1, Plugin, t } from '@localapp/core'
    import { widget } from '@localapp/widgets'
    const sign = widget('sign', { module: './_sign.js', state: { text: t.text({ default: 'words' }) } })
    export default class Signs extends Plugin {
      name = 'signs'
      setup(context) {
        sign.setup(context)
        context.app.rt.get('/', () => h1('Home'))
        context.page('/', async ({ region }) => [h1('Signs'), await region('signs', ['signs'], () => sign())])
      }
    }`
  writeFileSync(join(folder, '10_signs.js'), text)
  await open(folder)
  await page.goto(at('/signs'))
  await page.waitForSelector('.widget:has-text("old words")')
  await app.actions.call('signs.set-sign', { text: 'stop' }, { actor: { kind: 'cli' } })
  save('new')
  await page.waitForSelector('.widget:has-text("new stop")')
  expect(await page.locator('.widget').textContent()).toBe('new stop')
})

test('the widget of the docs moves in every tab, each instance by itself', async () => {
  const folder = mkdtempSync(join(root, 'examples/home/e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [rooms] = blocksOf('docs/widgets.md', 'ts')
  const [dial] = blocksOf('docs/widgets.md', 'js')
  writeFileSync(join(folder, '10_rooms.ts'), rooms?.code ?? '')
  writeFileSync(join(folder, '_dial.js'), dial?.code ?? '')
  await open(folder)
  await page.goto(at('/rooms'))
  const levels = (on: Page) =>
    on.locator('input[type=range]').evaluateAll((all) => all.map((each) => (each as HTMLInputElement).value))
  await expect.poll(() => levels(page)).toEqual(['20', '20'])
  const other = await another()
  await other.goto(at('/rooms'))
  await other.locator('input[type=range]').first().press('ArrowRight')
  await expect.poll(() => levels(page)).toEqual(['21', '20'])
  await app.actions.call('rooms.set-dial', { instance: 'hall', level: 23 }, { actor: { kind: 'cli' } })
  for (const tab of [page, other]) {
    await tab.bringToFront()
    await expect.poll(() => levels(tab)).toEqual(['21', '23'])
  }
})

test('without JavaScript there is a sentence, and the state', async () => {
  await open(Maps)
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  })
  try {
    const still = await plain.newPage()
    await still.goto(at('/maps'))
    expect(await still.textContent('.widget p')).toBe('“Map” needs JavaScript.')
    expect(await still.locator('.widget dl').first().textContent()).toContain('Zoom5')
  } finally {
    await plain.close()
  }
})
