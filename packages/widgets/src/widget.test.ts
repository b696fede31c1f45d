import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { h1, Plugin, type PluginContext, t } from '@localapp/core'
import { pluginConformance, testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { json, widget } from './index.ts'

const source = 'export default { render({ el }) { el.textContent = "here" } }'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'localapp-widgets-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

/** A page with one widget, of a module and styles with these texts. */
function plugin(module = source, css?: string) {
  const home = folder()
  writeFileSync(join(home, 'dial.js'), module)
  if (css !== undefined) writeFileSync(join(home, 'dial.css'), css)
  const dial = widget('dial', {
    module: join(home, 'dial.js'),
    ...(css !== undefined && { css: join(home, 'dial.css') }),
    description: 'How warm it is to be.',
    answer: (content, { actor }) => ({ content, for: actor.kind }),
    state: {
      level: t.integer({ default: 20, max: 30 }),
      note: t.text({ optional: true }),
      marks: json<readonly number[]>({ default: [], help: 'Where the lines are.' }),
    },
  })
  class Room extends Plugin {
    name = 'room'
    setup(context: PluginContext) {
      dial.setup(context)
      context.page('/', () => [h1('Room'), dial({ values: { note: '<b>warm</b>' } }), dial({ instance: 2 })])
    }
  }
  return { Room, dial, home }
}

async function opened(...texts: Parameters<typeof plugin>) {
  const made = plugin(...texts)
  const app = await testApp({ plugins: [made.Room] })
  onTestFinished(() => app.close())
  const page = async () => (await app.inject({ url: '/room' })).body
  return { ...made, app, page }
}

test('the state is set by an action, is kept by instance, and each change is undone by itself', async () => {
  const { app, dial } = await opened()
  expect(dial.state()).toEqual({ level: 20, note: null, marks: [] })
  const done = await app.call('room.set-dial', { level: 22, marks: [1, { two: 2 }] })
  expect(done).toMatchObject({ status: 'done', summary: 'Dial: Level 22, Marks [1,{"two":2}]' })
  await app.call('room.set-dial', { instance: '2', level: 5 }, { actor: { kind: 'model', name: 'm' } })
  const later = await app.call('room.set-dial', { note: 'a'.repeat(100) })
  expect(later).toMatchObject({ summary: 'Dial: Note' })
  expect(dial.state()).toEqual({ level: 22, note: 'a'.repeat(100), marks: [1, { two: 2 }] })
  expect(dial.state(2)).toEqual({ level: 5, note: null, marks: [] })
  expect(await app.call('room.get-dial', { instance: '2' })).toMatchObject({ output: { level: 5 } })
  expect(await app.call('room.ask-dial', { content: ['how', 'warm'] })).toMatchObject({
    output: { content: ['how', 'warm'], for: 'user' },
  })
  const { entry } = done as { entry: number }
  expect(await app.call('journal.undo', { entry })).toMatchObject({ status: 'done' })
  expect(dial.state()).toEqual({ level: 20, note: 'a'.repeat(100), marks: [] })
  expect(await app.call('room.set-dial', { level: 31 })).toMatchObject({
    status: 'invalid',
    messages: { level: 'Level must be at most 30.' },
  })
})

test('a page holds the element with its state, and serves the module, the styles and the script', async () => {
  const { app, page, home } = await opened(source, '.dial { color: red }')
  const html = await page()
  const [, spec = ''] = /data-widget="([^"]*)"/.exec(html) ?? []
  expect(JSON.parse(spec.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>'))).toEqual({
    module: expect.stringMatching(/^\/room\/-\/dial\.js\?v=/),
    css: expect.stringMatching(/^\/room\/-\/dial\.css\?v=/),
    action: 'room.set-dial',
    topic: 'room_widgets',
    instance: 'main',
    answers: true,
    state: { level: 20, note: null, marks: [] },
    values: { note: '<b>warm</b>' },
  })
  expect(html).toContain('“Dial” needs JavaScript.')
  expect(html).toContain('<dd>&lt;b&gt;warm&lt;/b&gt;</dd>')
  expect(html).toContain('id="widget-room-dial-2"')
  const module = await app.inject({ url: '/room/-/dial.js' })
  expect(module).toMatchObject({ statusCode: 200, body: source })
  expect(module.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(module.headers['content-security-policy']).toContain("script-src 'self'")
  expect((await app.inject({ url: '/room/-/dial.css' })).headers['content-type']).toMatch(/^text\/css/)
  expect((await app.inject({ url: '/room/-/own/client.js' })).body).toContain("from './model.js'")
  expect((await app.inject({ url: '/room/-/own/model.js' })).body).toContain('save_changes')
  writeFileSync(join(home, 'dial.js'), `${source}\n`)
  utimesSync(join(home, 'dial.js'), 1, 1)
  expect(await page()).not.toContain(/dial\.js\?v=[\w-]+/.exec(html)?.[0])
})

test.each([
  ['import * as d3 from "d3"\nexport default {}', 'imports “d3”'],
  ['export { x } from "./other.js"', 'imports “./other.js”'],
  ['const later = () => import("https://esm.sh/react")', 'imports “https://esm.sh/react”'],
  ['export default {', 'is no ES module'],
])('a module that is %j is refused in words, in its place', async (text, words) => {
  const { app, page } = await opened(text)
  const html = await page()
  expect(html).toContain('“Dial” cannot run.')
  expect(html).toContain(words)
  expect(html).toContain('npx esbuild')
  expect(html).toContain('<h1>Room</h1>')
  const answer = await app.inject({ url: '/room/-/dial.js' })
  expect(answer).toMatchObject({ statusCode: 500 })
  expect(answer.json()).toMatchObject({ code: 'LOCALAPP_DECLARATION' })
})

test.each([
  ['@import "other.css";', 'other.css'],
  ['a { background: url(https://example.org/x.png) }', 'https://example.org/x.png'],
  ["a { background: url( './x.png' ) }", './x.png'],
])('styles that are %j are refused, others are not', async (text, words) => {
  expect(await (await opened(source, text)).page()).toContain(`asks for “${words}”`)
  const fine = await opened(source, 'a { background: url("data:image/png;base64,AA=="), url(#x) }')
  expect(await fine.page()).not.toContain('cannot run')
})

/** What a page shows of a widget whose plugin lies in a folder, with a package beside it. */
async function shown(module: string): Promise<string> {
  // Here the plugin finds core and this package.
  const home = mkdtempSync(join(import.meta.dirname, '../test-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const inside = join(home, 'node_modules/@mine/dial')
  mkdirSync(inside, { recursive: true })
  const exports = { '.': { types: './x.d.ts', import: './main.js' } }
  writeFileSync(join(inside, 'package.json'), JSON.stringify({ name: '@mine/dial', exports }))
  writeFileSync(join(inside, 'main.js'), source)
  writeFileSync(join(inside, 'other.js'), source)
  writeFileSync(join(home, '_dial.js'), source)
  const text = `
    import { Plugin } from '@localapp/core'
    import { widget } from '@localapp/widgets'
    const dial = widget('dial', { module: ${JSON.stringify(module)}, state: {} })
    export default class Room extends Plugin {
      name = 'room'
      setup(context) {
        dial.setup(context)
        context.page('/', () => dial())
      }
    }`
  writeFileSync(join(home, '10_room.js'), text)
  const app = await testApp({ plugins: [home] })
  onTestFinished(() => app.close())
  return (await app.inject({ url: '/room' })).body
}

test('a file is found beside the plugin, in a package, or by its address; one that is not there is said', async () => {
  const elsewhere = join(folder(), 'dial.js')
  writeFileSync(elsewhere, source)
  for (const module of ['./_dial.js', '@mine/dial', '@mine/dial/other.js', pathToFileURL(elsewhere).href])
    expect(await shown(module)).toContain('dial.js?v=')
  expect(await shown('no-such-package')).toContain('“no-such-package” is no installed package.')
  expect(await shown('./nowhere.js')).toContain('“./nowhere.js” is no file')
})

test('a name that cannot be is refused, and so is a widget that no plugin has added', () => {
  const declare = (name: string, state = {}) => widget(name, { module: './x.js', state })
  expect(() => declare('My dial')).toThrow('cannot be called so')
  expect(() => declare('dial', { instance: t.text({ default: '' }) })).toThrow('cannot be called so')
  expect(() => declare('dial')()).toThrow('belongs to no plugin')
})

test('it keeps the promises of the framework', async () => {
  expect((await pluginConformance(plugin().Room)).failures).toEqual([])
})
