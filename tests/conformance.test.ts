import { pluginConformance } from '@localapp/core/testing'
import { expect, test } from 'vitest'
import { root } from '../scripts/root.ts'

test.each(['10_todo.ts', '20_word_count.ts'])('the example %s keeps the promises', async (file) => {
  const { failures } = await pluginConformance(`./examples/home/plugins/${file}`, { root })
  expect(failures).toEqual([])
})
