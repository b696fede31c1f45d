import { testApp } from '@localapp/core/testing'
import { expect, test } from 'vitest'
import Todo from './10_todo.ts'

test('what is added stands on the page, and Undo takes it back', async () => {
  const app = await testApp({ plugins: [Todo] })
  try {
    const added = await app.call('todo.create', { title: 'Buy milk' })
    expect(added).toMatchObject({ status: 'done', output: { title: 'Buy milk', priority: 'normal' } })
    expect((await app.inject({ url: '/todo' })).body).toContain('Buy milk')

    const entry = added.status === 'done' ? added.entry : undefined
    expect(await app.call('journal.undo', { entry })).toMatchObject({ status: 'done' })
    expect((await app.inject({ url: '/todo' })).body).not.toContain('Buy milk')
  } finally {
    await app.close()
  }
})
