import { t } from '@localapp/core'
import { expect, test } from 'vitest'
import { PipelinePlugin, pipe } from '../index.ts'
import { pipelineConformance, testRun } from './index.ts'

class Greeting extends PipelinePlugin({
  name: 'greeting',
  steps: pipe()
    .ask('who', { title: 'Who?', fields: { name: t.text({ max: 20 }) } })
    .run('words', { title: 'Greet', run: ({ input }) => `Hello, ${input.name}` })
    .approve('right', { title: 'Right?', show: ({ input }) => input })
    .run('end', { title: 'End', run: ({ input }) => ({ text: `${input}!` }) }),
}) {}

const answers = { who: { name: 'Ann' }, right: true } as const

test('testRun answers where a pipeline asks, and tells what each step gave', async () => {
  expect(await testRun(Greeting, { answers })).toEqual({
    state: 'done',
    step: 'end',
    error: '',
    outputs: { who: { name: 'Ann' }, words: 'Hello, Ann', right: 'Hello, Ann', end: { text: 'Hello, Ann!' } },
  })
})

test('testRun stops where there is no answer, and throws what is refused', async () => {
  expect(await testRun(Greeting)).toMatchObject({ state: 'waiting', step: 'who', outputs: {} })
  expect(await testRun(Greeting, { answers: { who: { name: 'Ann' } } })).toMatchObject({
    state: 'waiting',
    step: 'right',
    outputs: { words: 'Hello, Ann' },
  })
  await expect(testRun(Greeting, { answers: { who: { name: 'x'.repeat(21) } } })).rejects.toMatchObject({
    code: 'LOCALAPP_INVALID',
    messages: { name: expect.any(String) },
  })
})

test('testRun tells of a step that failed', async () => {
  class Bad extends PipelinePlugin({
    name: 'bad',
    steps: pipe().run('work', {
      title: 'Work',
      run: (): string => {
        throw new Error('no post today')
      },
    }),
  }) {}
  expect(await testRun(Bad)).toMatchObject({ state: 'failed', step: 'work', error: 'no post today' })
})

test('a pipeline that keeps the promises has no failures', async () => {
  const { failures, points } = await pipelineConformance(Greeting, { answers })
  expect(failures).toEqual([])
  expect(Object.keys(points).slice(-6)).toEqual([
    'comes to its end',
    'waits through a restart',
    'begins nothing again that is done',
    'takes one of two answers',
    'can be reverted',
    'shows a run at each step',
  ])
})

test('what does not hold is said by point', async () => {
  const begun = new Set<string>()
  class Once extends PipelinePlugin({
    name: 'once',
    steps: pipe()
      .run('work', {
        title: 'Work',
        run: ({ folder }) => {
          if (begun.has(folder)) throw new Error('not again')
          begun.add(folder)
          return 'done'
        },
      })
      .approve('right', { title: 'Right?', show: ({ input }) => input }),
  }) {}
  const { failures } = await pipelineConformance(Once, { answers: { right: true } })
  expect(failures).toEqual([
    'can be reverted: Reverted to “work”, it comes no further than “work” (failed).',
    'can be reverted: “right” could not be reverted.',
  ])
  expect((await pipelineConformance(Greeting)).failures).toEqual([
    'comes to its end: With these answers it stands at “who” (waiting) ',
  ])
})
