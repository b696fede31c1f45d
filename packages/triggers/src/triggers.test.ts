import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CallOptions, defineTable, Plugin, type PluginContext, t } from '@localapp/core'
import { pluginConformance, type TestApp, testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Clock, triggers } from './index.ts'
import type { Run } from './trigger.ts'

const notes = defineTable('notes', { title: t.text(), amount: t.integer({ optional: true }) })

/** What a plugin of the user may be: it writes, it takes away, it reaches outside. */
class Notes extends Plugin {
  readonly name = 'notes'
  /** The most that ran at once, and all that was sent. */
  readonly sent: string[] = []
  atOnce = 0
  most = 0
  setup({ action, table }: PluginContext) {
    table('', notes.fields)
    action('add', {
      effect: 'write',
      input: notes.fields,
      run: (input, context) => context.table(notes).insert(input),
    })
    action('clear', {
      effect: 'destructive',
      run: (_input, context) => {
        for (const { id } of context.table(notes).all()) context.table(notes).delete(id)
      },
    })
    action('rename', {
      effect: 'write',
      input: { id: t.integer(), title: t.text() },
      run: ({ id, title }, context) => context.table(notes).update(id, { title }),
    })
    action('send', {
      effect: 'external',
      input: { what: t.text() },
      run: async ({ what }) => {
        this.atOnce++
        this.most = Math.max(this.most, this.atOnce)
        await sleep(20)
        this.atOnce--
        if (what === 'nothing') throw new Error('no wire')
        this.sent.push(what)
      },
    })
    action('look', { effect: 'read', run: () => 'seen' })
    action('own', { effect: 'write', userOnly: true, run: () => 'done' })
  }
}

/** A clock that only turns when a test turns it. */
class FakeClock implements Clock {
  #now: number
  #waiting: { at: number; work: () => void }[] = []
  constructor(time: string) {
    this.#now = Date.parse(time)
  }
  now(): Date {
    return new Date(this.#now)
  }
  after(milliseconds: number, work: () => void): () => void {
    const entry = { at: this.#now + milliseconds, work }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry)
    }
  }
  /** Sleeps: nothing runs before the end. */
  async jump(time: string): Promise<void> {
    this.#now = Math.max(this.#now, Date.parse(time))
    await this.#wake()
  }
  /** Goes on in small steps. */
  async go(milliseconds: number, step = 1_000): Promise<void> {
    for (const end = this.#now + milliseconds; this.#now < end; ) {
      this.#now = Math.min(end, this.#now + step)
      await this.#wake()
    }
  }
  async #wake() {
    for (const due of this.#waiting.filter(({ at }) => at <= this.#now)) {
      this.#waiting = this.#waiting.filter((each) => each !== due)
      due.work()
    }
    await sleep(5)
  }
}

const start = '2026-11-02T07:59:00.000Z'

async function opened({
  clock = new FakeClock(start),
  timeZone = 'UTC',
  data,
  plugin = new Notes(),
}: {
  clock?: FakeClock
  timeZone?: string
  data?: string
  plugin?: Notes
} = {}) {
  const app = await testApp({ plugins: [plugin, triggers({ clock, timeZone })], ...(data && { data }) })
  onTestFinished(() => app.close())
  await clock.go(1_100)
  return { app, clock, plugin }
}

async function done<T = Record<string, unknown>>(
  app: TestApp,
  id: string,
  input: object = {},
  options: Partial<CallOptions> = {},
): Promise<T> {
  const outcome = await app.call(id, input, options)
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.output as T
}

const make = (app: TestApp, input: object, options: Partial<CallOptions> = {}) =>
  done<{ id: number; on: boolean }>(app, 'triggers.create', { name: 'Test', ...input }, options)
const runsOf = async (app: TestApp, id: number): Promise<Run[]> =>
  (await done<Run[]>(app, 'triggers.runs', { id })).reverse()
const states = async (app: TestApp, id: number) => (await runsOf(app, id)).map(({ state }) => state)
const titles = async (app: TestApp) =>
  (await app.db.selectFrom('notes').select('title').orderBy('id').execute()).map(({ title }) => title)
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'localapp-folder-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const daily = { when: 'schedule', schedule: '0 8 * * *', action: 'notes.add', input: { title: 'Eight' } }
const model = { actor: { kind: 'model', name: 'x' } } as const

test('the plugin keeps the promises of the framework', async () => {
  const input = { ...daily, on: true, table: null, folder: null }
  const { failures } = await pluginConformance(triggers(), {
    plugins: [new Notes()],
    input: { 'triggers.create': input, 'triggers.update': input },
  })
  expect(failures).toEqual([])
})

test('a time zone that there is not is refused', () => {
  expect(() => triggers({ timeZone: 'Mars/Crater' })).toThrow('“Mars/Crater” is no time zone.')
})

test('a schedule runs its action when it is due, as the trigger, and says when it is due next', async () => {
  const { app, clock } = await opened()
  const { id } = await make(app, daily)
  const due = async () => (await done<{ due: string }[]>(app, 'triggers.list'))[0]?.due
  expect(await due()).toBe('2026-11-02T08:00:00.000Z')
  await clock.go(30_000)
  expect(await titles(app)).toEqual([])
  await clock.go(60_000)
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done']))
  expect(await titles(app)).toEqual(['Eight'])
  expect(await due()).toBe('2026-11-03T08:00:00.000Z')
  expect(app.journal.list({ limit: 1 })[0]).toMatchObject({
    action: 'notes.add',
    actor: 'plugin',
    actorName: 'trigger “Test”',
  })
  expect((await app.inject({ url: '/triggers' })).body).toContain('3 Nov 2026')
})

test('what was missed, however often, runs once: while the machine slept, and while the app was off', async () => {
  const data = folder()
  const clock = new FakeClock(start)
  const { app } = await opened({ clock, data })
  const { id } = await make(app, daily)
  await clock.jump('2026-11-05T12:00:00.000Z')
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done']))
  await app.close()
  const again = await opened({ clock: new FakeClock('2026-11-09T12:00:00.000Z'), data })
  await vi.waitFor(async () => expect(await states(again.app, id)).toEqual(['done', 'done']))
  await again.clock.go(60_000, 5_000)
  expect(await titles(again.app)).toEqual(['Eight', 'Eight'])
})

test('the hours that summer time takes and gives', async () => {
  const { app, clock } = await opened({
    clock: new FakeClock('2027-03-26T12:00:00.000Z'),
    timeZone: 'Europe/Berlin',
  })
  const { id } = await make(app, { ...daily, schedule: '30 2 * * *' })
  const times = async () => (await runsOf(app, id)).map(({ at }) => at)
  const days = async (count: number) => {
    for (let hour = 0; hour < count * 24; hour++) await clock.go(3_600_000, 1_800_000)
  }
  await days(3)
  // 2:30 is not there on the 28th of March: 3:00 takes its place. A day later the clock is ahead of UTC by two hours.
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done', 'done', 'done']))
  expect(await times()).toEqual([
    '2027-03-27T01:30:01.100Z',
    '2027-03-28T01:00:01.100Z',
    '2027-03-29T00:30:01.100Z',
  ])
  await clock.jump('2027-10-30T12:00:00.000Z')
  await vi.waitFor(async () => expect(await runsOf(app, id)).toHaveLength(4))
  await days(2)
  // 2:30 is there twice on the 31st of October, and counts once.
  expect((await times()).slice(4)).toEqual(['2027-10-31T00:30:00.000Z', '2027-11-01T01:30:00.000Z'])
})

test('a trigger that is not right gets a sentence at the field', async () => {
  const { app } = await opened()
  const messages = async (input: object) => {
    const outcome = await app.call('triggers.create', { name: 'x', ...daily, ...input })
    return outcome.status === 'invalid' ? outcome.messages : outcome
  }
  for (const schedule of ['every day', '61 * * * *', '* * *', '0 8 * * 1-5 nonsense'])
    expect(await messages({ schedule })).toEqual({ schedule: expect.stringContaining('is no schedule') })
  expect(await messages({ schedule: '0 0 30 2 *' })).toEqual({
    schedule: expect.stringContaining('never comes'),
  })
  expect(await messages({ schedule: null })).toEqual({ schedule: 'Schedule is required.' })
  expect(await messages({ when: 'created', table: 'nowhere' })).toEqual({
    table: 'There is no table “nowhere”. The tables are: notes.',
  })
  expect(await messages({ when: 'file', folder: 'Inbox' })).toEqual({
    folder: expect.stringContaining('whole path'),
  })
  expect(await messages({ action: 'notes.none' })).toEqual({ action: 'There is no action “notes.none”.' })
  expect(await messages({ action: 'notes.look' })).toHaveProperty('action')
  expect(await messages({ action: 'notes.own' })).toHaveProperty('action')
  expect(await messages({ action: 'triggers.create' })).toHaveProperty('action')
  expect(await messages({ input: {} })).toEqual({ input: 'Title is required.' })
  expect(await messages({ input: { title: 'x', amount: 'many' } })).toHaveProperty('input')
  expect(await messages({ input: { title: '{{file}}' } })).toEqual({
    input: 'There is no {{file}} here. There is {{time}}.',
  })
  expect(await done<unknown[]>(app, 'triggers.list')).toEqual([])
})

test('a record sets a trigger off, with its values put in; an undo does not', async () => {
  const { app } = await opened()
  const { id } = await make(app, {
    when: 'created',
    table: 'notes',
    action: 'notes.rename',
    input: { id: '{{id}}', title: '{{record.title}} of {{table}}' },
  })
  await done(app, 'notes.add', { title: 'Milk' })
  await vi.waitFor(async () => expect(await titles(app)).toEqual(['Milk of notes']))
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done']))
  await done(app, 'triggers.switch', { id, on: false })
  await done(app, 'notes.add', { title: 'Bread' })
  await done(app, 'triggers.switch', { id, on: true })
  await done(app, 'notes.clear')
  await done(app, 'journal.undo', { entry: app.journal.list({ limit: 1 })[0]?.id })
  await sleep(50)
  expect(await titles(app)).toEqual(['Milk of notes', 'Bread'])
})

test('a trigger does not set itself off, nor do two of them each other', async () => {
  const { app } = await opened()
  const more = { when: 'created', table: 'notes', action: 'notes.add' }
  const one = await make(app, { ...more, input: { title: 'one' } })
  const two = await make(app, { ...more, input: { title: 'two' } })
  await done(app, 'notes.add', { title: 'start' })
  await vi.waitFor(async () => expect(await titles(app)).toHaveLength(5))
  await sleep(100)
  // Each runs for the user's record, and for what the other one made of that.
  expect((await titles(app)).toSorted()).toEqual(['one', 'one', 'start', 'two', 'two'])
  expect(await states(app, one.id)).toEqual(['done', 'done'])
  expect(await states(app, two.id)).toEqual(['done', 'done'])
})

test('what programs set off again and again is turned off', async () => {
  const { app } = await opened()
  const { id } = await make(app, {
    when: 'created',
    table: 'notes',
    action: 'notes.send',
    input: { what: 'x' },
  })
  const plugin = { actor: { kind: 'plugin', name: 'other' } } as const
  for (let i = 0; i < 62; i++) await done(app, 'notes.add', { title: `${i}` }, plugin)
  await vi.waitFor(async () =>
    expect((await done<{ on: boolean }[]>(app, 'triggers.list'))[0]).toMatchObject({ on: false }),
  )
  expect((await runsOf(app, id)).some(({ message }) => message?.includes('turned off'))).toBe(true)
})

test('runs of one trigger do not overlap, and one that fails says why and stops nothing', async () => {
  const { app, plugin } = await opened()
  const { id } = await make(app, {
    when: 'created',
    table: 'notes',
    action: 'notes.send',
    input: { what: '{{record.title}}' },
  })
  for (const title of ['a', 'nothing', 'b']) await done(app, 'notes.add', { title })
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done', 'failed', 'done']))
  expect(plugin).toMatchObject({ sent: ['a', 'b'], most: 1 })
  const { body } = await app.inject({ url: `/triggers/${id}` })
  expect(body).toContain('no wire')
})

test('what takes data away waits for the user, and the page says what became of it', async () => {
  const { app } = await opened()
  await done(app, 'notes.add', { title: 'keep' })
  const { id } = await make(app, { ...daily, action: 'notes.clear', input: {} })
  await done(app, 'triggers.run', { id })
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['asked']))
  expect(await titles(app)).toEqual(['keep'])
  const [run] = await runsOf(app, id)
  expect((await app.inject({ url: '/triggers' })).body).toContain('asks you first')
  await done(app, 'journal.approve', { approval: run?.entry })
  expect(await titles(app)).toEqual([])
  expect((await app.inject({ url: '/triggers' })).body).toContain('you were asked, and it was done')
})

test('what a model sets up outside the data is off until the user turns it on', async () => {
  const { app, plugin } = await opened()
  const send = { ...daily, action: 'notes.send', input: { what: 'letter' } }
  const { id, on } = await make(app, send, model)
  expect(on).toBe(false)
  expect(await app.call('triggers.switch', { id, on: true }, model)).toMatchObject({ status: 'invalid' })
  expect(await app.call('triggers.run', { id }, model)).toMatchObject({ status: 'approval' })
  await done(app, 'triggers.switch', { id, on: true })
  await done(app, 'triggers.run', { id })
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done']))
  expect(plugin.sent).toEqual(['letter'])
  // A model that changes it takes the user's word away from it.
  await done(app, 'triggers.update', { id, input: { what: 'other' } }, model)
  await done(app, 'triggers.run', { id })
  await vi.waitFor(async () => expect(await states(app, id)).toEqual(['done', 'asked']))
  expect(plugin.sent).toEqual(['letter'])
  expect(await make(app, daily, model)).toMatchObject({ on: true })
})

test('a file counts once, when it is wholly written; one that was there before does not', async () => {
  const inbox = folder()
  const data = folder()
  writeFileSync(join(inbox, 'old.txt'), 'old')
  const { app, clock } = await opened({ data })
  const { id } = await make(app, {
    when: 'file',
    folder: `${inbox}/`,
    action: 'notes.add',
    input: { title: '{{name}}' },
  })
  const grown = join(inbox, 'new.txt')
  for (const text of ['a', 'ab', 'abc']) {
    writeFileSync(grown, text)
    writeFileSync(join(inbox, '.hidden'), text)
    await sleep(20)
    await clock.go(600, 300)
    expect(await titles(app)).toEqual([])
  }
  await clock.go(2_000, 500)
  await vi.waitFor(async () => expect(await titles(app)).toEqual(['new.txt']))
  await clock.go(20_000, 1_000)
  expect(await states(app, id)).toEqual(['done'])
  await app.close()
  writeFileSync(join(inbox, 'while-off.txt'), 'x')
  rmSync(join(inbox, 'old.txt'))
  const again = await opened({ clock: new FakeClock('2026-11-03T07:00:00.000Z'), data })
  await again.clock.go(4_000, 500)
  await vi.waitFor(async () => expect(await titles(again.app)).toEqual(['new.txt', 'while-off.txt']))
  // What went away, and comes again, is a new file.
  rmSync(grown)
  await again.clock.go(6_000, 1_000)
  writeFileSync(grown, 'again')
  writeFileSync(join(inbox, 'old.txt'), 'again')
  await again.clock.go(10_000, 500)
  await vi.waitFor(async () => expect(await titles(again.app)).toHaveLength(4))
  await again.clock.go(10_000, 1_000)
  expect((await titles(again.app)).slice(2).toSorted()).toEqual(['new.txt', 'old.txt'])
})

test('a folder that has gone is named on the page, and followed again when it is back', async () => {
  const inbox = join(folder(), 'Inbox')
  mkdirSync(inbox)
  const { app, clock } = await opened()
  await make(app, { when: 'file', folder: inbox, action: 'notes.add', input: { title: '{{file}}' } })
  renameSync(inbox, `${inbox} away`)
  await clock.go(6_000, 1_000)
  expect((await app.inject({ url: '/triggers' })).body).toContain(`There is no folder ${inbox}`)
  mkdirSync(inbox)
  writeFileSync(join(inbox, 'a.txt'), 'a')
  await clock.go(8_000, 500)
  await vi.waitFor(async () => expect(await titles(app)).toEqual([join(inbox, 'a.txt')]))
  expect((await app.inject({ url: '/triggers' })).body).not.toContain('There is no folder')
})

test('the start of the app sets a trigger off, once for each start', async () => {
  const data = folder()
  const { app } = await opened({ data })
  const { id } = await make(app, { ...daily, when: 'start' })
  await app.close()
  const again = await opened({ data, clock: new FakeClock('2026-11-02T09:00:00.000Z') })
  await vi.waitFor(async () => expect(await states(again.app, id)).toEqual(['done']))
  expect(await titles(again.app)).toEqual(['Eight'])
})
