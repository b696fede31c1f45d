/** What became of a plugin's trial. */
export interface Conformance {
  /** Each promise that was tried, with a sentence for whatever did not hold. */
  readonly points: Readonly<Record<string, readonly string[]>>
  /** All those sentences, with the promise before each: empty when the plugin keeps them all. */
  readonly failures: readonly string[]
  /** Actions that no sample input got to the end, and why: give them `input`. Those that reach outside are not run. */
  readonly untried: readonly string[]
}

/** Says in a sentence what does not hold. */
export type Fail = (sentence: string) => void

/** What is found while promises are tried, one after the other. */
export interface Findings {
  /** Each promise that was tried, with a sentence for whatever did not hold. */
  readonly points: Readonly<Record<string, readonly string[]>>
  /** All those sentences, with the promise before each. */
  readonly failures: readonly string[]
  /** Tries a promise and tells whether it holds. An error that `work` ends in is a sentence too. */
  attempt(point: string, work: (fail: Fail) => unknown): Promise<boolean>
}

/**
 * Collects what a conformance kit finds, after what another has found.
 *
 * @example
 * ```ts
 * const { untried, ...ofPlugin } = await pluginConformance(Shop)
 * const app = await testApp({ plugins: [Shop] })
 * const found = findings(ofPlugin.points)
 * await found.attempt('sells', async (fail) => {
 *   const { status } = await app.call('shop.order', { sku: 'A-1' })
 *   if (status !== 'done') fail(`An order is ${status}.`)
 * })
 * console.log(found.failures) // []
 * ```
 */
export function findings(before: Conformance['points'] = {}): Findings {
  const points: Record<string, readonly string[]> = { ...before }
  return {
    points,
    get failures() {
      return Object.entries(points).flatMap(([point, all]) => all.map((each) => `${point}: ${each}`))
    },
    async attempt(point, work) {
      const sentences: string[] = []
      points[point] = sentences
      try {
        await work((sentence) => !sentences.includes(sentence) && sentences.push(sentence))
      } catch (error) {
        sentences.push(`It ended in an error: ${error instanceof Error ? error.message : error}`)
      }
      return sentences.length === 0
    },
  }
}
