import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Plugin, type PluginContext, t } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { backUpDaily, backupsOf } from './backup.ts'
import { admin } from './index.ts'

class Notes extends Plugin {
  name = 'notes'
  setup({ app, action, table, migrations }: PluginContext): void {
    handle = app
    const notes = table('', { title: t.text({ search: true }), stars: t.integer({ default: 0 }) })
    const input = { id: t.integer(), ...notes.fields }
    action('create', {
      effect: 'write',
      input: notes.fields,
      run: (values, context) => context.table(notes).insert(values),
    })
    action('update', {
      effect: 'write',
      input,
      run: ({ id, ...values }, context) => context.table(notes).update(id, values),
    })
    action('delete', {
      effect: 'write',
      input: { id: t.integer() },
      run: ({ id }, context) => void context.table(notes).delete(id),
    })
    migrations({
      one: { up: (db) => db.schema.createTable('notes_raw').addColumn('value', 'text').execute() },
    })
  }
}

let app: TestApp
let handle: PluginContext['app']
beforeEach(async () => {
  const data = mkdtempSync(join(tmpdir(), 'localapp-restore-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  app = await testApp({ plugins: [Notes, admin()], data })
})
afterEach(async () => await app.close())

async function done<T>(id: string, input: object = {}): Promise<T> {
  const outcome = await app.call(id, input)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as T
}

const notes = () => app.db.selectFrom('notes').select(['id', 'title', 'stars']).orderBy('id').execute()
const main = async (url: string) =>
  /<main.*<\/main>/s.exec((await app.inject({ url })).body)?.[0].replaceAll(/<[^>]+>/g, ' ') ?? ''

/** Three notes, a backup, and then a note more, one changed and one deleted. Returns the backup's name. */
async function changedSince(): Promise<string> {
  for (const title of ['Milk', 'Tea', 'Eggs']) await done('notes.create', { title })
  await done('admin.backup')
  await done('notes.create', { title: 'Bread' })
  await done('notes.update', { id: 1, title: 'Oat milk', stars: 3 })
  await done('notes.delete', { id: 2 })
  return backupsOf(handle)[0]?.name ?? ''
}

const before = [
  { id: 1, title: 'Milk', stars: 0 },
  { id: 2, title: 'Tea', stars: 0 },
  { id: 3, title: 'Eggs', stars: 0 },
]
const since = [
  { id: 1, title: 'Oat milk', stars: 3 },
  { id: 3, title: 'Eggs', stars: 0 },
  { id: 4, title: 'Bread', stars: 0 },
]

test('a backup shows what would change, gives its records back, and Undo takes all of that back', async () => {
  const backup = await changedSince()
  expect(await main('/-/health')).toContain(backup)
  expect(await main(`/-/backups/${backup}`)).toMatch(
    /Notes: 1 to change back, 1 to come back, 1 to go away.*Go back to it/s,
  )
  expect(await notes()).toEqual(since)
  await done('admin.restore', { backup })
  expect(await notes()).toEqual(before)
  const [entry] = app.journal.list({ limit: 1 })
  expect(entry).toMatchObject({
    summary: `Went back to ${backup} (records: 3)`,
    undoable: true,
  })
  expect(backupsOf(handle).map(({ name }) => name.slice(29))).toEqual(['-restore.db', '-asked.db'])
  expect(await main(`/-/backups/${backup}`)).toContain('All records are as they are in this backup.')
  expect(await done('admin.compare', { backup })).toEqual([])
  // It follows whatever is done, the Undo too.
  expect((await app.inject({ url: `/-/backups/${backup}` })).body).toMatch(/id="backup"[^>]*localapp_entry/)
  await done('journal.undo', { entry: entry?.id })
  expect(await notes()).toEqual(since)
  await done('notes.create', { title: 'Salt' })
  expect(await main(`/-/backups/${backup}`)).toContain(
    'Notes: 1 to change back, 1 to come back, 2 to go away',
  )
  // Looking leaves nothing beside the backups.
  expect(readdirSync(join(app.data, 'backups')).filter((name) => !name.endsWith('.db'))).toEqual([])
  // The records that came back are found again.
  const found = await app.db
    .selectFrom('notes:search')
    .select('rowid')
    .where('notes:search', '=', 'bread')
    .execute()
  expect(found).toEqual([{ rowid: 4 }])
})

test('a restore that would lose a later change is not undone', async () => {
  const backup = await changedSince()
  await done('admin.restore', { backup })
  const entry = app.journal.list({ limit: 1 })[0]?.id
  await done('notes.update', { id: 1, title: 'Rice milk' })
  expect(await app.call('journal.undo', { entry })).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_CHANGED_SINCE' },
  })
  expect(await notes()).toMatchObject([{ title: 'Rice milk' }, { title: 'Tea' }, { title: 'Eggs' }])
})

test('a model and a script ask first', async () => {
  const backup = await changedSince()
  for (const kind of ['model', 'cli'] as const)
    expect(await app.call('admin.restore', { backup }, { actor: { kind } })).toMatchObject({
      status: 'approval',
    })
  expect(await notes()).toEqual(since)
})

test('a backup that is not there, one of elsewhere and one that is damaged are said, and nothing is changed', async () => {
  await changedSince()
  for (const backup of ['home.db', '../home.db', 'home-2026-01-01T00-00-00-000Z-none.db'])
    expect(await app.call('admin.restore', { backup })).toMatchObject({
      status: 'invalid',
      messages: { backup: `There is no backup called “${backup}”.` },
    })
  expect(await main('/-/backups/home.db')).toContain('This backup is not there any more.')
  const damaged = 'home-2026-01-01T00-00-00-000Z-asked.db'
  writeFileSync(join(app.data, 'backups', damaged), 'no database '.repeat(100))
  expect(await app.call('admin.restore', { backup: damaged })).toMatchObject({
    status: 'failed',
    error: {
      message: expect.stringContaining(`The backup ${damaged} cannot be read: file is not a database`),
    },
  })
  expect(await notes()).toEqual(since)
})

test('columns and tables that came or went since stay as they are', async () => {
  const backup = await changedSince()
  await app.close()
  class Later extends Notes {
    override setup(context: PluginContext): void {
      handle = context.app
      context.table('', { title: t.text(), color: t.text({ default: 'red' }) })
      context.table('more', { title: t.text() })
    }
  }
  const later = await testApp({ plugins: [Later, admin()], data: app.data })
  expect(await later.call('admin.restore', { backup })).toMatchObject({
    status: 'done',
    output: { records: 3 },
  })
  const rows = await later.db.selectFrom('notes').select(['title', 'color']).orderBy('id').execute()
  expect(rows).toEqual([
    { title: 'Milk', color: 'red' },
    { title: 'Tea', color: 'red' },
    { title: 'Eggs', color: 'red' },
  ])
  await later.close()
})

test('one backup is made a day, and seven are kept', async () => {
  const folder = join(app.data, 'backups')
  mkdirSync(folder)
  for (let day = 1; day <= 8; day++)
    copyFileSync(join(app.data, 'home.db'), join(folder, `home-2026-01-0${day}T10-00-00-000Z-daily.db`))
  writeFileSync(join(folder, 'home-2025-01-01T10-00-00-000Z-change-notes.db'), '')
  writeFileSync(join(folder, 'other-2025-01-01T10-00-00-000Z-daily.db'), '')
  await backUpDaily(handle, Date.parse('2026-01-09T09:00:00Z'))
  expect(readdirSync(folder)).toHaveLength(10)
  await backUpDaily(handle, Date.parse('2026-01-09T10:00:00Z'))
  expect(readdirSync(folder).sort()).toEqual([
    'home-2025-01-01T10-00-00-000Z-change-notes.db',
    ...[3, 4, 5, 6, 7, 8].map((day) => `home-2026-01-0${day}T10-00-00-000Z-daily.db`),
    expect.stringMatching(/^home-.*-daily\.db$/),
    'other-2025-01-01T10-00-00-000Z-daily.db',
  ])
})

test('the backup of the day is made by itself while the app runs', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const timed = await testApp({ plugins: [Notes, admin()] })
  const folder = join(timed.data, 'backups')
  vi.advanceTimersByTime(10 * 60_000)
  vi.useRealTimers()
  const sizes = () =>
    readdirSync(folder).map((name) => [name.slice(29), statSync(join(folder, name)).size > 0])
  await vi.waitFor(() => expect(sizes()).toEqual([['-daily.db', true]]))
  await timed.close()
})
