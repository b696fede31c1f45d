import { Plugin, type PluginContext, t } from '@localapp/core'
import { type TestApp, testApp } from '@localapp/core/testing'
import type { Model } from '@localapp/models'
import { onTestFinished } from 'vitest'
import { assistant } from '../assistant.ts'

/** What the tests of the assistant talk about. */
export class Todo extends Plugin {
  readonly name = 'todo'
  override readonly advice = 'Keep titles short.'
  setup({ action, table, page }: PluginContext): void {
    const todos = table('todo', { title: t.text(), done: t.bool(), size: t.integer({ optional: true }) })
    page('/', () => 'Todos')
    action('create', {
      effect: 'write',
      description: 'Adds a task.',
      input: { title: t.text({ max: 5_000 }), done: t.bool(), size: t.integer({ optional: true }) },
      summary: ({ title }) => `Added “${title}”`,
      run: (input, context) => context.table(todos).insert(input),
    })
    action('delete', {
      effect: 'destructive',
      input: { id: t.integer() },
      record: { table: todos, id: ({ id }) => id, label: ({ title }) => `“${title}”` },
      run: ({ id }, context) => context.table(todos).delete(id),
      summary: (_input, { title }) => `Deleted “${title}”`,
    })
    action('list', { effect: 'read', run: (_input, context) => context.table(todos).all() })
    const names = t.list(t.text({ max: 1_999 }), { max: 5_000 })
    action('find', { effect: 'read', input: { names }, run: () => [] })
    action('secret', { effect: 'write', userOnly: true, run: () => undefined })
  }
}

/** An app with {@link Todo} and an assistant, closed when the test ends. */
export async function appWith(model: Model, data?: string): Promise<TestApp> {
  const app = await testApp({ plugins: [Todo, assistant({ model })], ...(data ? { data } : {}) })
  onTestFinished(() => app.close())
  return app
}

/** Types into the chat, as the page without script does. */
export async function say(app: TestApp, text: string): ReturnType<TestApp['inject']> {
  const payload = new URLSearchParams({ text, page: '/todo' })
  return await app.inject({ method: 'POST', url: '/api/assistant/send', payload })
}

/** The page of the tasks, the panel beside it. */
export async function pageOf(app: TestApp): Promise<string> {
  return (await app.inject({ url: '/todo' })).body
}

/** The titles of all tasks. */
export async function titlesOf(app: TestApp): Promise<string[]> {
  const outcome = await app.call('todo.list')
  return outcome.status === 'done' ? (outcome.output as { title: string }[]).map(({ title }) => title) : []
}
