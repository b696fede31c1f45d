import type { Given, Step, Work } from '@localapp/pipeline'

/** What {@link map} takes beside what every step does. */
export interface MapOptions<Input, All, Item, Output>
  extends Pick<Step<Input, All, Output[]>, 'title' | 'help' | 'retries' | 'timeout' | 'show'> {
  /** Made from what is given alone, so that they are the same after a restart. */
  readonly items: (given: Given<Input, All>) => readonly Item[]
  /** How many are worked on at a time. Default 4. */
  readonly concurrency?: number
  /** What it gives for an item is kept at once, and not made again by a restart or a retry. */
  readonly run: (work: Work<Input, All> & { readonly item: Item }) => Output | Promise<Output>
}

/**
 * Work over items, some at a time; it gives a list in their order. When an item fails, no more begin, the step has
 * failed, and Retry goes on with those that are left.
 *
 * @example
 * ```ts
 * import { PipelinePlugin, pipe, t } from '@localapp/pipeline'
 * import { map } from '@localapp/steps'
 *
 * export default class Lengths extends PipelinePlugin({
 *   name: 'lengths',
 *   steps: pipe()
 *     .ask('words', { title: 'Which words?', fields: { words: t.list(t.text()) } })
 *     .add('lengths', map({
 *       title: 'Measure each',
 *       items: ({ input }) => input.words,
 *       run: ({ item }) => item.length,
 *     })),
 * }) {}
 * ```
 */
export function map<Input, All, Item, Output>(
  options: MapOptions<Input, All, Item, Output>,
): Step<Input, All, Output[]> {
  const { items, concurrency = 4, run, ...step } = options
  return {
    ...step,
    async run(work) {
      const all = items(work)
      const left = all.entries()
      const outputs: Output[] = []
      const failures: unknown[] = []
      let done = 0
      const worker = async () => {
        for (const [index, item] of left) {
          if (failures.length > 0) return
          try {
            outputs[index] = await work.keep(`${index} ${JSON.stringify(item)}`, () =>
              run({ ...work, key: `${work.key}-${index}`, item }),
            )
            work.progress(++done, all.length)
          } catch (thrown) {
            failures.push(thrown)
          }
        }
      }
      await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker))
      if (failures.length > 0) throw failures[0]
      return outputs
    },
  }
}
