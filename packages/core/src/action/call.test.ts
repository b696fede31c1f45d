import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { t } from '../field/t.ts'
import { Plugin, type PluginContext } from '../plugin/plugin.ts'
import { type TestApp, testApp } from '../testing/index.ts'
import { type Actor, InvalidInput, type Outcome } from './action.ts'

const model: Actor = { kind: 'model', name: 'tiny' }

/** A plugin with an action of every effect, and some that call others. */
class Notes extends Plugin {
  name = 'notes'
  setup({ action, table }: PluginContext): void {
    const notes = table('', { title: t.text() })
    const input = { title: t.text({ max: 20 }) }
    action('add', {
      effect: 'write',
      input,
      check: ({ title }) => (title === 'taken' ? { title: 'This title is taken.' } : undefined),
      summary: ({ title }) => `Added “${title}”`,
      run: (given, context) => context.table(notes).insert(given),
    })
    action('remove', {
      effect: 'destructive',
      input: { id: t.integer() },
      record: { table: notes, id: ({ id }) => id, label: ({ title }) => `“${title}”` },
      run: ({ id }, context) => context.table(notes).delete(id),
    })
    action('rename', {
      effect: 'write',
      input: { id: t.integer(), title: t.text() },
      run: ({ id, title }, context) => context.table(notes).update(id, { title }),
    })
    action('titles', {
      effect: 'read',
      run: (_input, context) =>
        context
          .table(notes)
          .all()
          .map(({ title }) => title),
    })
    action('sneak', {
      effect: 'read',
      run: (_input, context) => context.db.insertInto('notes').values({ title: 'x' }).execute(),
    })
    action('sneak-call', {
      effect: 'read',
      run: (_input, context) => context.call('notes.add', { title: 'x' }),
    })
    action('add-two', {
      effect: 'write',
      run: async (_input, context) => {
        await context.call('notes.add', { title: 'one' })
        await context.call('notes.add', { title: 'two' })
      },
    })
    action('add-and-fail', {
      effect: 'write',
      run: async (_input, context) => {
        await context.call('notes.add', { title: 'one' })
        throw new Error('secret detail')
      },
    })
    action('add-slowly', {
      effect: 'write',
      limit: 50,
      input: { seconds: t.number() },
      run: async ({ seconds }, context) => {
        context.table(notes).insert({ title: `after ${seconds} s` })
        await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
      },
    })
    action('refuse', {
      effect: 'write',
      run: (_input, context) => {
        context.table(notes).insert({ title: 'half' })
        throw new InvalidInput({ title: 'Not today.' })
      },
    })
    action('sweep', { effect: 'write', run: (_input, context) => context.call('notes.remove', { id: 1 }) })
    action('send', {
      effect: 'external',
      input: { fails: t.bool() },
      summary: () => 'Sent',
      run: async ({ fails }, { commit }) => {
        await commit((context) => context.table(notes).insert({ title: 'sent' }))
        if (fails) throw new Error('no wire')
        return 'gone'
      },
    })
    action('scribble', {
      effect: 'write',
      input: { title: t.text(), tags: t.tags() },
      run(given, context) {
        given.tags.push('scribbled')
        return context.table(notes).insert({ title: given.tags.join() })
      },
    })
    action('fill', {
      effect: 'write',
      async run(_input, { tx, table }) {
        await sql`pragma max_page_count = 1`.execute(tx)
        for (let i = 0; i < 1000; i++) table(notes).insert({ title: 'x'.repeat(1000) })
      },
    })
    action('own', { effect: 'write', userOnly: true, run: () => 'done' })
  }
}

let app: TestApp
afterEach(async () => await app.close())

const start = async (): Promise<void> => {
  app = await testApp({ plugins: [Notes] })
}
const call = (name: string, input: unknown = {}, actor: Actor = { kind: 'user' }): Promise<Outcome> =>
  app.call(`notes.${name}`, input, { actor })
const titles = async (): Promise<unknown> => {
  const outcome = await call('titles')
  return outcome.status === 'done' && outcome.output
}

test('what is wrong is said by field, and nothing is written', async () => {
  await start()
  expect(await call('add', { title: 'taken' })).toEqual({
    status: 'invalid',
    messages: { title: 'This title is taken.' },
  })
  expect(await call('add', { titel: 'x' })).toMatchObject({
    status: 'invalid',
    messages: { titel: expect.any(String) },
  })
  expect(await call('refuse')).toEqual({ status: 'invalid', messages: { title: 'Not today.' } })
  expect(await call('nothing')).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_ACTION_UNKNOWN' },
  })
  expect(await titles()).toEqual([])
  expect(app.journal.list()).toEqual([])
})

test('the journal keeps what was asked, as its fields read it, whatever the action does to it', async () => {
  await start()
  const given = { title: ' Milk ', tags: 'dairy, cold' }
  const outcome = await app.call('notes.scribble', given, { source: 'form' })
  expect(outcome).toMatchObject({ status: 'done', output: { title: 'dairy,cold,scribbled' } })
  expect(app.journal.list()[0]?.input).toEqual({ title: 'Milk', tags: ['dairy', 'cold'] })
})

test('a disk that is full is told in words, and nothing is written', async () => {
  await start()
  const outcome = await call('fill')
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'LOCALAPP_DATA_FULL', status: 507 } })
  expect(await titles()).toEqual([])
  expect(app.journal.list()).toEqual([])
})

test('a read cannot write, neither by itself nor by another action', async () => {
  await start()
  expect(await call('sneak')).toMatchObject({ status: 'failed', error: { code: 'LOCALAPP_TRANSACTION' } })
  expect(await call('sneak-call')).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_DECLARATION' },
  })
  expect(await titles()).toEqual([])
})

test('an action that calls others is one transaction and one entry', async () => {
  await start()
  expect(await call('add-two', {}, model)).toMatchObject({ status: 'done', entry: 1 })
  expect(app.journal.list()).toMatchObject([
    { id: 1, action: 'notes.add-two', actor: 'model', actorName: 'tiny' },
  ])
  expect(app.journal.changes(1)).toHaveLength(2)
  const failed = await call('add-and-fail')
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'LOCALAPP_ACTION_FAILED' } })
  expect(await titles()).toEqual(['one', 'two'])
  await app.call('journal.undo', { entry: 1 })
  expect(await titles()).toEqual([])
})

test('an action names how long it may write', async () => {
  await start()
  expect(await call('add-slowly', { seconds: 0 })).toMatchObject({ status: 'done' })
  const late = await call('add-slowly', { seconds: 0.2 })
  expect(late).toMatchObject({ status: 'failed', error: { code: 'LOCALAPP_TIMEOUT' } })
  expect(await titles()).toEqual(['after 0 s'])
})

test('an action cannot hide a destructive one from the user', async () => {
  await start()
  await call('add', { title: 'keep' })
  expect(await call('sweep', {}, model)).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_FORBIDDEN' },
  })
  expect(await titles()).toEqual(['keep'])
  expect(await call('sweep')).toMatchObject({ status: 'done' })
})

test('who counts as the user is not asked; the others get a card', async () => {
  await start()
  const asUser: [Actor, boolean?][] = [
    [{ kind: 'user' }],
    [{ kind: 'plugin', name: 'x' }],
    [{ kind: 'cli' }, true],
  ]
  for (const [actor, confirmed = false] of asUser) {
    const made = await call('add', { title: 'x' })
    const { id } = (made.status === 'done' ? made.output : {}) as { id: number }
    const outcome = await app.call('notes.remove', { id }, { actor, confirmed })
    expect(outcome.status, actor.kind).toBe('done')
  }
  await call('add', { title: 'last' })
  for (const actor of [model, { kind: 'program' }, { kind: 'cli' }] as const)
    expect((await call('remove', { id: 4 }, actor)).status).toBe('approval')
  expect(await call('own', {}, model)).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_FORBIDDEN' },
  })
  expect(await call('own')).toMatchObject({ status: 'done', output: 'done' })
  expect(await titles()).toEqual(['last'])
})

test('a card for a record that is not there is not made', async () => {
  await start()
  expect(await call('remove', { id: 9 }, model)).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_NOT_FOUND' },
  })
})

test('an approval holds for one version of the record, once', async () => {
  await start()
  await call('add', { title: 'Milk' })
  const settle = async (id: number, verdict: string): Promise<number> => {
    const payload = new URLSearchParams({ approval: String(id) })
    return (await app.inject({ method: 'POST', url: `/api/journal/${verdict}`, payload })).statusCode
  }
  const asked = async (): Promise<number> => {
    const outcome = await call('remove', { id: 1 }, model)
    return outcome.status === 'approval' ? outcome.approval : 0
  }
  const [stale, rejected, right] = [await asked(), await asked(), await asked()]
  expect(await settle(rejected, 'reject')).toBe(303)
  expect(await settle(rejected, 'approve')).toBe(409)
  await call('rename', { id: 1, title: 'Oat milk' })
  expect(await settle(stale, 'approve')).toBe(409)
  expect(await settle(right, 'approve')).toBe(409)
  expect(await titles()).toEqual(['Oat milk'])
  const fresh = await asked()
  expect(await settle(fresh, 'approve')).toBe(303)
  expect(await settle(fresh, 'approve')).toBe(409)
  expect(await titles()).toEqual([])
  const [entry] = app.journal.list({ limit: 1 })
  expect(entry).toMatchObject({ action: 'notes.remove', actor: 'model', undoable: true })
  await app.call('journal.undo', { entry: entry?.id })
  expect(await titles()).toEqual(['Oat milk'])
  expect(await settle(fresh, 'approve')).toBe(409)
})

test('an external action is journalled as begun, then as done or failed', async () => {
  await start()
  expect(await call('send')).toMatchObject({ status: 'done', output: 'gone', summary: 'Sent', entry: 1 })
  expect(app.journal.get(1)).toMatchObject({ state: 'done', output: 'gone', undoable: false })
  expect(await call('send', { fails: true })).toMatchObject({ status: 'failed' })
  expect(app.journal.get(2)).toMatchObject({ state: 'failed', error: 'no wire', summary: 'Send' })
  expect(await titles()).toEqual(['sent', 'sent'])
  expect(app.journal.changes(2)).toHaveLength(1)
})

test('an undo is refused when the record has changed since, and a turn is undone whole or not at all', async () => {
  await start()
  const inTurn = (name: string, input: object): Promise<Outcome> =>
    app.call(`notes.${name}`, input, { turn: 'one' })
  await inTurn('add', { title: 'a' })
  await inTurn('add', { title: 'b' })
  await call('rename', { id: 1, title: 'by hand' })
  const undo = (entry: number): Promise<Outcome> => app.call('journal.undo', { entry })
  const refused = { status: 'failed', error: { code: 'LOCALAPP_CHANGED_SINCE' } }
  expect(await undo(1)).toMatchObject(refused)
  expect(await app.call('journal.undo-turn', { turn: 'one' })).toMatchObject(refused)
  expect(await titles()).toEqual(['by hand', 'b'])
  await undo(3)
  expect(await app.call('journal.undo-turn', { turn: 'one' })).toMatchObject({ output: 'Undid 2 changes' })
  expect(await titles()).toEqual([])
  expect(await app.call('journal.undo-turn', { turn: 'one' })).toMatchObject({ status: 'failed' })
  for (const entry of [1, 99]) {
    expect(await undo(entry)).toMatchObject({ status: 'failed', error: { code: 'LOCALAPP_NOT_UNDOABLE' } })
  }
})
