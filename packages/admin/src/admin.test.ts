import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { h1, localappError, Plugin, type PluginContext, t } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { inBytes } from './backup.ts'
import { type Check, roomCheck } from './health.ts'
import { admin } from './index.ts'

class Notes extends Plugin {
  name = 'notes'
  setup({ page, action, search, slot, table }: PluginContext): void {
    const notes = table('', { title: t.text() })
    page('/', () => h1('Notes'))
    action('create', {
      effect: 'write',
      input: notes.fields,
      summary: ({ title }) => `Added “${title}”`,
      run: (input, context) => context.table(notes).insert(input),
    })
    action('mail', { effect: 'external', summary: () => 'Sent <mail>', run: () => undefined })
    action('break', {
      effect: 'external',
      run: () => {
        throw new Error('no post today')
      },
    })
    search((text) => (text === 'milk' ? [{ title: 'Buy <milk>', href: '/notes/1', detail: 'today' }] : []))
    slot('home', () => '3 notes')
  }
}

class Clock extends Plugin {
  name = 'clock'
  setup({ slot }: PluginContext): void {
    slot('home', () => 'It is noon')
  }
}

let app: TestApp
afterEach(async () => await app.close())

const read = async (url: string): Promise<string> => (await app.inject({ url })).body
const main = async (url: string): Promise<string> => /<main.*<\/main>/s.exec(await read(url))?.[0] ?? ''

/** Opens an app whose first plugin cannot be loaded. */
async function openWithFailed(...more: (new () => Plugin)[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-admin-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'bad.mjs')
  writeFileSync(file, '\nthrow new Error("oh <no>")\n')
  app = await testApp({ plugins: [file, Notes, ...more, admin()] })
}

test('home has a card for each page, with what plugins put there, and the page’s title is the app’s', async () => {
  app = await testApp({ title: 'My home', plugins: [Notes, Clock, admin()] })
  const page = await read('/')
  expect(page).toContain('<title>My home</title>')
  expect(page).toContain('<h2><a href="/notes">Notes</a></h2>3 notes</section>')
  expect(page).toContain('<h2>Clock</h2>It is noon</section>')
  expect(page).toContain('<h2><a href="/-/journal">Journal</a></h2><div id="home-journal"')
  expect(page).toContain('Nothing has been done yet.')
  for (const title of ['a', '<b>', 'c', 'd']) await app.call('notes.create', { title })
  const list = '<ul><li>Added “d”</li><li>Added “c”</li><li>Added “&lt;b&gt;”</li></ul>'
  expect(await main('/')).toContain(list)
  expect(page).not.toContain('There is nothing here yet')
  expect((await app.inject({ url: '/admin/style.css' })).headers['content-type']).toContain('text/css')
  expect((await app.inject({ url: '/admin/client.js' })).headers['content-type']).toContain('javascript')
})

test('home says what to do where there is nothing', async () => {
  app = await testApp({ plugins: [admin()] })
  expect(await main('/')).toContain('There is nothing here yet. Put a plugin into the folder “plugins”')
})

test('every page has the menu and the search', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  const page = await read('/-/journal')
  expect(page).toContain(
    '<a href="/notes">Notes</a><a href="/-/journal" aria-current="page">Journal</a></nav>',
  )
  expect(page).toMatch(/<form action="\/-\/search" role="search"><input[^>]*id="search"/)
  expect(page).toContain('<title>Journal · Home</title>')
})

test('the searches of all plugins are asked, and one that throws does not keep the others', async () => {
  class Finds extends Plugin {
    readonly name = 'finds'
    setup({ search }: PluginContext): void {
      search(async (text) => [{ title: `${text} 1`, href: '/finds/1' }])
      search((text) => [{ title: `${text} 2`, href: '/finds/2' }])
    }
  }
  class Fails extends Plugin {
    readonly name = 'fails'
    setup({ search }: PluginContext): void {
      search(() => {
        throw new Error('no search today')
      })
    }
  }
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const app = await testApp({ plugins: [Fails, Finds, admin()] })
  onTestFinished(() => app.close())
  const { body } = await app.inject({ url: '/-/search?q=x' })
  expect(body).toMatch(/Fails<.*This could not be searched\..*Finds<.*href="\/finds\/1">x 1<.*>x 2</s)
  expect(said).toHaveBeenCalledOnce()
})

test('the search finds pages by their title and what plugins hold, escaped', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  const found = await read('/-/search?q=milk')
  expect(found).toContain('<title>Search: milk · Home</title>')
  expect(found).toContain('value="milk"')
  expect(found).toContain(
    '<h2>Notes</h2><ul><li><a href="/notes/1">Buy &lt;milk&gt;</a> <small>today</small></li></ul>',
  )
  expect(await main('/-/search?q=NOT')).toContain(
    '<h2>Pages</h2><ul><li><a href="/notes">Notes</a></li></ul>',
  )
  expect(await main('/-/search?q=%3Cb%3E')).toContain('<h1>Search: &lt;b&gt;</h1><p>Nothing was found.</p>')
  expect(await main('/-/search?q=+')).toContain('Type what you look for')
})

test('the journal says who did what, what became of it, and takes it back', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  expect(await main('/-/journal')).toContain('Nothing has been done yet.')
  await app.call('notes.create', { title: '<b>' }, { actor: { kind: 'model', name: 'tiny' }, turn: 'a' })
  await app.call('notes.mail')
  await app.call('notes.break')
  const page = await main('/-/journal')
  expect(page).toMatch(
    /entry-1.*The assistant<small> tiny<\/small><\/td><td><a href="\/-\/journal\/1">Added “&lt;b&gt;”/,
  )
  expect(page).toContain('Sent &lt;mail&gt;')
  expect(page).toMatch(/Failed: .*no post today/)
  expect(page.match(/journal\/undo"/g)).toHaveLength(2)
  await app.call('journal.undo', { entry: 1 })
  expect(await main('/-/journal')).toContain('Undone')
})

/** The entries of the journal whose row has the button that takes a whole turn back. */
const wholeTurns = async (): Promise<number[]> => {
  const rows = (await main('/-/journal')).matchAll(/<tr id="entry-(\d+)">(.*?)<\/tr>/gs)
  return Array.from(rows).flatMap(([, id, row]) => (row?.includes('Undo all of it') ? [Number(id)] : []))
}

test('a turn is taken back whole at its newest entry that can be, whatever stands between', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  const turn = { turn: 'one' }
  await app.call('notes.create', { title: 'a' }, turn) // 1
  await app.call('notes.create', { title: 'of another' }) // 2
  await app.call('notes.create', { title: 'b' }, turn) // 3
  await app.call('notes.mail', {}, turn) // 4, which nothing takes back
  expect(await wholeTurns()).toEqual([3])
  await app.call('notes.create', { title: 'c' }, turn) // 5
  expect(await wholeTurns()).toEqual([5])
  await app.call('journal.undo', { entry: 5 })
  expect(await wholeTurns()).toEqual([3])
  await app.call('journal.undo', { entry: 1 })
  expect(await wholeTurns()).toEqual([])
})

test('the journal goes on with older entries', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  for (let i = 1; i <= 101; i++) await app.call('notes.create', { title: `number ${i}` })
  const page = await main('/-/journal')
  expect(page).not.toContain('number 1”')
  expect(page).toContain('href="/-/journal?before=2"')
  const older = await main('/-/journal?before=2')
  expect(older).toContain('number 1”')
  expect(older).not.toContain('Older')
})

test('plugins are listed, and one that failed is named with its reason on the home page too', async () => {
  await openWithFailed()
  const page = await main('/-/plugins')
  expect(page).toMatch(/oh &lt;no&gt;.*Mend it and save it, or start the app again\..*bad\.mjs:2/s)
  expect(page).toContain('<h2>Notes <span class="tag">loaded</span></h2>')
  expect(page).toContain('<li><code>notes.create</code> Create <small>write</small></li>')
  expect(page).toContain('<li><code>localapp journal</code></li>')
  expect(await main('/')).toContain('<a href="/-/plugins">Plugins</a>: 2 of 3 run')
  expect(await main('/')).toMatch(/Could not be started: “.*bad\.mjs”\. <a href="\/-\/plugins">See why</)
  expect(await app.call('admin.plugins')).toMatchObject({
    output: [
      { state: 'failed', error: expect.stringContaining('oh <no>'), fix: expect.any(String) },
      {
        name: 'notes',
        state: 'loaded',
        version: undefined,
        actions: ['notes.create', 'notes.mail', 'notes.break'],
        commands: [],
      },
      { name: 'admin', state: 'loaded', commands: expect.arrayContaining(['journal', 'undo', 'doctor']) },
    ],
  })
})

test('a plugin from a package is listed with its version', async () => {
  const root = mkdtempSync(join(tmpdir(), 'localapp-admin-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const folder = join(root, 'node_modules', 'clock')
  mkdirSync(folder, { recursive: true })
  const core = JSON.stringify(import.meta.resolve('@localapp/core'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module","version":"1.2.3","localapp":"./plugin.js"}')
  writeFileSync(
    join(folder, 'plugin.js'),
    `import { Plugin } from ${core}\nexport default class extends Plugin { name = 'clock'; setup() {} }\n`,
  )
  app = await testApp({ root, plugins: ['clock', admin()] })
  expect(await main('/-/plugins')).toContain('<h2>Clock 1.2.3 <span class="tag">loaded</span></h2>')
})

/** What the checks of the app's health say, by name. */
async function health(thorough: boolean): Promise<Record<string, Check>> {
  const outcome = await app.call('admin.health', { thorough })
  const checks = (outcome.status === 'done' ? outcome.output : []) as Check[]
  return Object.fromEntries(checks.map((check) => [check.name, check]))
}

test('health looks at disk, data, backups and plugins', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  expect(await main('/-/health')).toContain('<p>All is well.</p>')
  expect(await health(true)).toMatchObject({
    Node: { ok: true, says: process.version },
    Disk: { ok: true, says: expect.stringMatching(/^The data takes .*KB; .* are free on its disk\.$/) },
    Data: { ok: true, says: 'SQLite finds nothing wrong with the file.' },
    Backup: { ok: true, says: 'There is none yet.' },
    Plugins: { ok: true, says: 'All 2 run.' },
  })
  expect(await health(false)).not.toHaveProperty('Data')
  await app.call('admin.backup')
  expect(await health(false)).toMatchObject({
    Backup: { says: expect.stringMatching(/^The newest is of 20/) },
  })
})

test('health names a plugin that failed, and a model that cannot be reached', async () => {
  class Model extends Plugin {
    name = 'model'
    setup({ provide }: PluginContext): void {
      const offline = localappError('LOCALAPP_PLUGIN', 'Nobody answers.', 'Start it.')
      provide('model', { info: () => Promise.reject(offline) })
    }
  }
  await openWithFailed(Model)
  expect(await main('/-/health')).toMatch(/2 of 5 need you\..*oh &lt;no&gt;.*Mend it/s)
  expect(await health(false)).toMatchObject({
    Model: { ok: false, says: 'Nobody answers.', fix: 'Start it.' },
  })
})

test('a disk that is nearly full is said', () => {
  expect(roomCheck(1_234_567, 400_000_000)).toMatchObject({
    ok: false,
    says: 'The data takes 1.2MB; 400MB are free on its disk.',
  })
})

test.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1KB'],
  [2.5e13, '25TB'],
  [2.5e16, '25,000TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(inBytes(bytes)).toBe(text)
})

test('a backup is made by a click, listed with the way back, and holds what was there', async () => {
  app = await testApp({ plugins: [Notes, admin()] })
  await app.call('notes.create', { title: 'Milk' })
  const answer = await app.inject({
    method: 'POST',
    url: '/api/admin/backup',
    payload: new URLSearchParams('_return=/-/health'),
  })
  expect(answer.statusCode).toBe(303)
  await app.call('notes.create', { title: 'Tea' })
  const folder = join(app.data, 'backups')
  const [name = ''] = readdirSync(folder)
  expect(name).toMatch(/^home-.*-asked\.db$/)
  expect(await main('/-/health')).toMatch(
    new RegExp(`<li><a href="/-/backups/${name}">[^<]+</a> <small>${name}, [\\d.]+KB</small></li>`),
  )
  expect(app.journal.get(2)).toMatchObject({ summary: `Backed up to ${name}`, undoable: false })
  const data = mkdtempSync(join(tmpdir(), 'localapp-admin-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  copyFileSync(join(folder, name), join(data, 'home.db'))
  const restored = await testApp({ plugins: [Notes, admin()], data })
  onTestFinished(() => restored.close())
  expect(await restored.db.selectFrom('notes').select('title').execute()).toEqual([{ title: 'Milk' }])
})

test('a model may not back up unasked', async () => {
  app = await testApp({ plugins: [admin()] })
  expect(await app.call('admin.backup', {}, { actor: { kind: 'model' } })).toMatchObject({
    status: 'approval',
  })
})
