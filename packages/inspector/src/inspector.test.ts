import { type AppHandle, defineTable, Plugin, type PluginContext, t } from '@localapp/core'
import { pluginConformance, type TestApp, testApp } from '@localapp/core/testing'
import type { Model } from '@localapp/models'
import { scripted } from '@localapp/models/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fields } from './exchange.ts'
import { inspector } from './index.ts'

/** What the assistant does, as far as it matters here: it asks for a watched model and has a row a turn. */
class Assistant extends Plugin {
  readonly name = 'assistant'
  app!: AppHandle
  /** What the model said. */
  ask!: (turn: string, said: string) => Promise<string>
  forget!: (turn: string) => Promise<void>
  setup({ app, page, service, table }: PluginContext) {
    this.app = app
    const turns = table('turn', { turn: t.text() })
    page('/', async ({ slot }) => (await slot('assistant')).map(({ content }) => content))
    this.ask = async (turn, said) => {
      await app.write('begin a turn', (tx) => tx.table(turns).insert({ turn }))
      const model = scripted([{ text: `About ${said}`, thinking: 'Hm.', calls: [{ tool: 'x', args: {} }] }])
      const watch = service<(model: Model, turn: string) => Model>('watch-model')
      const watched = watch?.(model, turn) ?? model
      await watched.info()
      let text = ''
      for await (const event of watched.chat({ messages: [{ role: 'user', content: said }] }))
        if (event.type === 'text') text += event.text
      return text
    }
    this.forget = async (turn) => {
      await app.write('forget', (tx) => tx.db.deleteFrom(turns.name).where('turn', '=', turn).execute())
      app.announce([turns.name])
    }
  }
}

async function openApp(): Promise<{ app: TestApp; assistant: Assistant }> {
  const assistant = new Assistant()
  const app = await testApp({ plugins: [assistant, inspector()] })
  onTestFinished(() => app.close())
  return { app, assistant }
}

const bodyOf = async (app: TestApp, url: string) => (await app.inject({ url })).body

test('the page lists the turns, newest first, and each opens to all that was sent and answered', async () => {
  const { app, assistant } = await openApp()
  expect(await bodyOf(app, '/-/assistant')).toContain('Nothing was sent yet.')
  await assistant.ask('turn-1', 'milk')
  await assistant.ask('turn-2', '<b>bread</b>')
  await assistant.ask('turn-2', 'bread again')
  const list = await bodyOf(app, '/-/assistant')
  expect(list).toMatch(/\/-\/assistant\/turn-2.*\/-\/assistant\/turn-1/s)
  expect(list).toContain('&lt;b&gt;bread')
  expect(list).toContain('<td>2</td>')
  const page = await bodyOf(app, '/-/assistant/turn-2')
  expect(page).toContain('Request 2 of 2')
  expect(page).toContain('What you said (1)')
  expect(page).toContain('About bread again')
  expect(page).toContain('&quot;content&quot;: &quot;&lt;b&gt;bread&lt;/b&gt;&quot;')
  expect(page).not.toContain('<b>bread')
  expect(await bodyOf(app, '/-/assistant/turn-3')).toContain('Nothing of this turn is kept.')
  expect(await bodyOf(app, '/assistant')).toContain('href="/-/assistant"')
  expect((await app.inject({ url: '/inspector/style.css' })).headers['content-type']).toMatch(/^text\/css/)
})

test('inspector.show prints a turn as JSON, for the user alone', async () => {
  const { app, assistant } = await openApp()
  await assistant.ask('turn-1', 'milk')
  expect(await app.call('inspector.show', { turn: 'turn-1' })).toMatchObject({
    status: 'done',
    output: [
      {
        said: 'milk',
        request: { messages: [{ role: 'user', content: 'milk' }] },
        answer: { text: 'About milk', thinking: 'Hm.', calls: [{ tool: 'x', args: {} }] },
      },
    ],
  })
  const byModel = { actor: { kind: 'model', name: 'm' } } as const
  expect(await app.call('inspector.show', { turn: 'turn-1' }, byModel)).not.toMatchObject({ status: 'done' })
})

test('what is forgotten is deleted here too, and the newest 200 are kept', async () => {
  const { app, assistant } = await openApp()
  await assistant.app.write('fill', (tx) => {
    const rows = tx.table(defineTable('inspector_exchange', fields))
    const rest = { model: '', request: '{}', answer: '', note: '' }
    for (let at = 0; at < 200; at++) rows.insert({ ...rest, turn: 'turn-old', said: `word ${at}` })
  })
  await assistant.ask('turn-1', 'milk')
  await assistant.ask('turn-2', 'bread')
  const turns = () => app.db.selectFrom('inspector_exchange').select('turn').execute()
  expect(await turns()).toHaveLength(200)
  await assistant.forget('turn-1')
  await expect.poll(turns).toEqual([{ turn: 'turn-2' }])
})

test('the model answers though nothing can be kept', async () => {
  const { assistant } = await openApp()
  await assistant.app.write('break', (tx) => tx.db.schema.dropTable('inspector_exchange').execute())
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => said.mockRestore())
  expect(await assistant.ask('turn-1', 'milk')).toBe('About milk')
  expect(String(said.mock.calls)).toContain('The inspector failed:')
})

test('it keeps the promises of the framework', async () => {
  expect((await pluginConformance(inspector())).failures).toEqual([])
})
