import { join } from 'node:path'
import { crudConformance } from '@localapp/crud/testing'
import { pipelineConformance } from '@localapp/pipeline/testing'
import { expect, test } from 'vitest'
import Todo from '../examples/home/plugins/10_todo.ts'
import WordCount from '../examples/home/plugins/20_word_count.ts'
import Books from '../examples/home/plugins/50_books.ts'
import Authors from '../examples/home/plugins/51_authors.ts'
import Tags from '../examples/home/plugins/52_tags.ts'
import { root } from '../scripts/root.ts'

test('the example Todo keeps the promises of plugins and of tables', async () => {
  expect((await crudConformance(Todo)).failures).toEqual([])
})

test('the example Books keeps them too, beside those that it refers to', async () => {
  expect((await crudConformance(Books, { plugins: [Authors, Tags] })).failures).toEqual([])
})

test('the example Word count keeps the promises of plugins and of runs', async () => {
  const answers = { folder: { path: join(root, 'docs') }, right: true } as const
  expect((await pipelineConformance(WordCount, { answers })).failures).toEqual([])
})
