import { pluginConformance, testApp } from '@localapp/core/testing'
import { expect, test } from 'vitest'
import MyPlugin from './index.ts'

test('what is added stands on the page, and a wrong link is refused in words', async () => {
  const app = await testApp({ plugins: [MyPlugin] })
  try {
    const added = await app.call('my-plugin.create', { title: 'A first one', link: 'https://example.org/' })
    expect(added).toMatchObject({ status: 'done', output: { title: 'A first one', done: false } })
    expect((await app.inject({ url: '/my-plugin' })).body).toContain('A first one')

    const refused = await app.call('my-plugin.create', { title: 'Another one', link: 'no link' })
    expect(refused).toMatchObject({ status: 'invalid', messages: { link: expect.any(String) } })
  } finally {
    await app.close()
  }
})

test('the plugin keeps the promises of localapp', async () => {
  const { failures } = await pluginConformance(MyPlugin)
  expect(failures).toEqual([])
})
