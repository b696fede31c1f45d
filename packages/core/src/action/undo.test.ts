import { afterEach, beforeEach, expect, test } from 'vitest'
import { t } from '../field/t.ts'
import { Plugin, type PluginContext } from '../plugin/plugin.ts'
import { type TestApp, testApp } from '../testing/index.ts'
import type { Outcome } from './action.ts'

/** Stands for what is outside the data. */
let lamp = 'off'

/** Two tables, and work that no row image tells of. */
class House extends Plugin {
  name = 'house'
  setup({ action, app, table }: PluginContext): void {
    const rooms = table('rooms', { name: t.text() })
    const visits = table('visits', { room: t.integer() })
    const name = t.text()
    action('enter', {
      effect: 'write',
      input: { name },
      run: (input, context) => {
        const { id } = context.table(rooms).insert(input)
        context.table(visits).insert({ room: id })
      },
    })
    action('names', {
      effect: 'read',
      run: (_input, context) =>
        context
          .table(rooms)
          .all()
          .map((room) => room.name),
    })
    action('demolish', {
      effect: 'destructive',
      input: { room: t.integer() },
      record: { table: rooms, id: ({ room }) => room, label: (row) => String(row.name) },
      run: ({ room }, context) => void context.table(rooms).delete(room),
    })
    action('paint', {
      effect: 'write',
      input: { name },
      run: async (input, { tx }) => void (await tx.updateTable('house_rooms').set(input).execute()),
    })
    action('repaint', {
      effect: 'write',
      input: { name },
      run: async (input, { tx }) => void (await tx.updateTable('house_rooms').set(input).execute()),
      undo: async (_done, { tx }) =>
        void (await tx.updateTable('house_rooms').set({ name: 'Hall' }).execute()),
    })
    action('light', {
      effect: 'external',
      summary: () => 'Lit the lamp',
      run: async () => {
        const before = lamp
        lamp = 'on'
        const [entry] = app.journal.list({ limit: 1 })
        const early = await app.actions.call(
          'journal.undo',
          { entry: entry?.id },
          { actor: { kind: 'user' } },
        )
        return { before, state: entry?.state, early: early.status === 'failed' && early.error.message }
      },
      undo: ({ output }) => {
        lamp = output.before
      },
    })
    action('light-inside', {
      effect: 'write',
      run: (_input, context) => context.call('house.light', {}),
    })
  }
}

let app: TestApp
beforeEach(async () => {
  lamp = 'off'
  app = await testApp({ plugins: [House] })
  await app.call('house.enter', { name: 'Hall' })
})
afterEach(async () => await app.close())

const undo = (entry: number): Promise<Outcome> => app.call('journal.undo', { entry })
const names = async (): Promise<unknown> => {
  const outcome = await app.call('house.names')
  return outcome.status === 'done' && outcome.output
}
const notUndoable = { status: 'failed', error: { code: 'LOCALAPP_NOT_UNDOABLE' } }

test('rows of several tables go back together, and come again when the undo is undone', async () => {
  const count = async (): Promise<number> =>
    (await app.db.selectFrom('house_visits').selectAll().execute()).length
  expect(await undo(1)).toMatchObject({ status: 'done', output: 'Undid: Enter' })
  expect([await names(), await count()]).toEqual([[], 0])
  expect(await undo(2)).toMatchObject({ status: 'done' })
  expect([await names(), await count()]).toEqual([['Hall'], 1])
})

test('SQL of the action’s own is undone only where the action says how', async () => {
  await app.call('house.paint', { name: 'Kitchen' })
  expect(app.journal.get(2).undoable).toBe(false)
  expect(await undo(2)).toMatchObject(notUndoable)
  expect(await names()).toEqual(['Kitchen'])
  await app.call('house.repaint', { name: 'Bath' })
  expect(app.journal.get(3).undoable).toBe(true)
  expect(await undo(3)).toMatchObject({ status: 'done', summary: 'Undid: Repaint' })
  expect(await names()).toEqual(['Hall'])
  expect(await undo(3)).toMatchObject(notUndoable)
})

test('work outside the data is begun while it runs, and undone by its own way back once it is done', async () => {
  expect(await app.call('house.light')).toMatchObject({
    status: 'done',
    entry: 2,
    output: { state: 'begun', early: expect.stringContaining('was not done') },
  })
  expect([lamp, app.journal.get(2)]).toMatchObject(['on', { state: 'done', undoable: true }])
  expect(await undo(2)).toMatchObject({ status: 'done', output: 'Undid: Lit the lamp' })
  expect([lamp, app.journal.get(2).undone]).toEqual(['off', true])
})

test('the undo of work outside the data is final, since nothing tells how that work is done again', async () => {
  await app.call('house.light')
  await undo(2)
  expect(app.journal.get(3).undoable).toBe(false)
  expect(await undo(3)).toMatchObject(notUndoable)
  expect([lamp, app.journal.get(2).undone]).toEqual(['off', true])
})

test('work outside the data is not begun inside a transaction', async () => {
  expect(await app.call('house.light-inside')).toMatchObject({
    status: 'failed',
    error: { code: 'LOCALAPP_TRANSACTION' },
  })
  expect([lamp, app.journal.list().length]).toEqual(['off', 1])
})

test('a turn in which something reached outside stays whole', async () => {
  for (const [id, input] of [
    ['house.enter', { name: 'Attic' }],
    ['house.paint', { name: 'Cellar' }],
  ] as const)
    await app.call(id, input, { turn: 'both' })
  expect(await app.call('journal.undo-turn', { turn: 'both' })).toMatchObject(notUndoable)
  expect(await names()).toEqual(['Cellar', 'Cellar'])
})

test('what was asked for is in the journal, as it stands, and goes back like anything else once it was done', async () => {
  const actor = { kind: 'model' } as const
  const ask = (): Promise<Outcome> => app.call('house.demolish', { room: 1 }, { actor, turn: 'one' })
  const settle = (verdict: string, approval: number): Promise<Outcome> =>
    app.call(`journal.${verdict}`, { approval })
  await app.call('house.enter', { name: 'Attic' }, { actor, turn: 'one' })
  expect(await ask()).toEqual({ status: 'approval', approval: 3, title: 'Demolish: Hall' })
  expect(app.journal.get(3)).toMatchObject({ state: 'asked', summary: 'Demolish: Hall', actor: 'model' })
  expect(await undo(3)).toMatchObject(notUndoable)
  expect(await settle('reject', 3)).toMatchObject({ status: 'done' })
  expect(app.journal.get(3).state).toBe('rejected')
  expect(await undo(3)).toMatchObject(notUndoable)

  await ask()
  expect(await settle('approve', 4)).toMatchObject({ status: 'done' })
  expect(app.journal.get(4)).toMatchObject({ state: 'done', undoable: true, turn: 'one', actor: 'model' })
  expect(await settle('approve', 4)).toMatchObject({ error: { code: 'LOCALAPP_APPROVAL_GONE' } })
  expect(await names()).toEqual(['Attic'])
  expect(await app.call('journal.undo-turn', { turn: 'one' })).toMatchObject({ output: 'Undid 2 changes' })
  expect(await names()).toEqual(['Hall'])
  expect(await settle('approve', 4)).toMatchObject({ error: { code: 'LOCALAPP_APPROVAL_GONE' } })

  await ask()
  await app.call('house.demolish', { room: 1 })
  expect(await settle('approve', 6)).toMatchObject({ status: 'failed' })
  expect(app.journal.get(6)).toMatchObject({
    state: 'refused',
    error: expect.stringContaining('no record 1'),
  })
  expect(await undo(6)).toMatchObject(notUndoable)
})

test('a model may undo when the user says so, and the card names what would go', async () => {
  const asModel = { actor: { kind: 'model' }, turn: 'two' } as const
  await app.call('house.enter', { name: 'Attic' }, { turn: 'one' })
  expect(await app.call('journal.undo', { entry: 2 }, asModel)).toMatchObject({
    status: 'approval',
    title: 'Undo: Enter',
  })
  const whole = await app.call('journal.undo-turn', { turn: 'one' }, asModel)
  expect(whole).toMatchObject({ status: 'approval', title: 'Undo all of it: Enter' })
  expect(await app.call('journal.undo-turn', { turn: 'none' }, asModel)).toMatchObject({ status: 'failed' })
  expect(await names()).toEqual(['Hall', 'Attic'])
  await app.call('journal.approve', { approval: 3 })
  expect(await names()).toEqual(['Hall'])
  // The entry is no longer as it was when the card was made.
  const late = await app.call('journal.approve', { approval: 4 })
  expect(late).toMatchObject({ error: { code: 'LOCALAPP_APPROVAL_GONE' } })
})

test('a turn goes back though what it asked for was refused when it was approved', async () => {
  const asModel = { actor: { kind: 'model' }, turn: 'one' } as const
  await app.call('house.enter', { name: 'Attic' }, asModel)
  await app.call('house.demolish', { room: 1 }, asModel)
  await app.call('house.demolish', { room: 1 })
  expect(await app.call('journal.approve', { approval: 3 })).toMatchObject({ status: 'failed' })
  expect(await app.call('journal.undo-turn', { turn: 'one' })).toMatchObject({ output: 'Undid: Enter' })
  expect(await names()).toEqual([])
})
