import { testApp } from '@localapp/core/testing'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { map } from './index.ts'

/** What happens to an item: each test decides. */
let read: (item: string) => Promise<number>
const keys = new Set<string>()

class Sizes extends PipelinePlugin({
  name: 'sizes',
  steps: pipe()
    .ask('names', { title: 'Which?', fields: { names: t.list(t.text()) } })
    .add(
      'sizes',
      map({
        title: 'Measure',
        items: ({ input }) => input.names,
        concurrency: 2,
        run: ({ item, key, all }) => {
          expectTypeOf(item).toEqualTypeOf<string>()
          expectTypeOf(all.names.names).toEqualTypeOf<string[]>()
          keys.add(key)
          return read(item)
        },
      }),
    )
    .run('sum', {
      title: 'Add up',
      run: ({ input }) => {
        expectTypeOf(input).toEqualTypeOf<number[]>()
        return input.reduce((sum, each) => sum + each, 0)
      },
    }),
}) {}

interface Seen {
  readonly state: string
  readonly step: string
  readonly error: string
  readonly progress: { readonly done: number; readonly total: number }
  readonly steps: readonly { readonly output: unknown }[]
}

async function begun(names: string[]) {
  const app = await testApp({ plugins: [Sizes] })
  onTestFinished(() => app.close())
  const call = async (name: string, input: object = {}): Promise<Seen> => {
    const outcome = await app.call(`sizes.${name}`, input)
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
    return outcome.output as Seen
  }
  await call('start')
  await call('answer-names', { run: 1, names })
  return call
}

test('works on two items at once, and gives a list in their order', async () => {
  let most = 0
  let now = 0
  keys.clear()
  read = async (item) => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, 30 - item.length))
    now--
    return item.length
  }
  const call = await begun(['a', 'bbb', 'cc', 'bbb'])
  const { state, steps } = await call('show', { run: 1, seconds: 20 })
  expect(state).toBe('done')
  expect(steps.map(({ output }) => output)).toEqual([{ names: ['a', 'bbb', 'cc', 'bbb'] }, [1, 3, 2, 3], 9])
  expect(most).toBe(2)
  expect(keys.size).toBe(4)
})

test('gives an empty list for no items', async () => {
  const call = await begun([])
  expect((await call('show', { run: 1, seconds: 20 })).steps[1]?.output).toEqual([])
})

test('when an item fails, no more begin, and Retry does only what is left', async () => {
  const done: string[] = []
  let broken = true
  read = async (item) => {
    if (item === 'c' && broken) throw new Error('No c.')
    done.push(item)
    return item.length
  }
  const call = await begun(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(await call('show', { run: 1, seconds: 20 })).toMatchObject({
    state: 'failed',
    step: 'sizes',
    error: 'No c.',
  })
  expect(done.length).toBeLessThan(5)
  broken = false
  await call('retry', { run: 1 })
  expect((await call('show', { run: 1, seconds: 20 })).steps[1]?.output).toEqual([1, 1, 1, 1, 1, 1])
  expect(done.sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})
