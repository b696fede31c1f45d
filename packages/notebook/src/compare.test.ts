import { expect, test } from 'vitest'
import { compareRuns } from './compare.ts'
import type { ShownRun } from './run.ts'

const run = (...outputs: unknown[]): ShownRun => ({
  id: 1,
  state: 'done',
  createdAt: '',
  error: '',
  pipeline: 'demo',
  title: 'Demo',
  steps: outputs.map((output, i) => ({
    id: `${i}`,
    title: '',
    state: output === undefined ? 'later' : 'done',
    output,
  })),
})
const compared = (before: unknown, after: unknown) =>
  compareRuns(run(before), run(after))[0]?.differences.map(({ at, before, after }) => [at, before, after])

test.each([
  [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, []],
  [
    { offers: [{ price: 1 }] },
    { offers: [{ price: 2 }, { price: 3 }] },
    [
      ['offers.0.price', 1, 2],
      ['offers.1.price', undefined, 3],
    ],
  ],
  ['a', 'b', [['', 'a', 'b']]],
  [1, '1', [['', 1, '1']]],
  [[], {}, [['', '[]', '{}']]],
  [
    null,
    [1],
    [
      ['', null, undefined],
      ['0', undefined, 1],
    ],
  ],
  [undefined, { a: 1 }, [['a', undefined, 1]]],
  [undefined, undefined, []],
])('%j and %j', (before, after, differences) => {
  expect(compared(before, after)).toEqual(differences)
})

test('a step that only one of the runs has', () => {
  expect(compareRuns(run(1), run(1, 2))[1]).toMatchObject({
    states: ['later', 'done'],
    differences: [{ after: 2 }],
  })
})
