import { median } from './median.ts'

/** Something that is measured: its name, and one go of it. */
export interface Measured {
  readonly name: string
  go(): Promise<unknown>
}

/**
 * Goes a second by each, in turns, so that what disturbs the machine disturbs all of them alike. Returns the median of
 * the turns, by name. The first turn warms up and does not count.
 */
export async function rates(measured: readonly Measured[], turns: number): Promise<Map<string, number>> {
  const all = new Map<string, number[]>(measured.map(({ name }) => [name, []]))
  for (let turn = 0; turn <= turns; turn++) {
    for (const { name, go } of measured) {
      const rate = await rateOf(go, 1000)
      if (turn > 0) all.get(name)?.push(rate)
    }
  }
  return new Map([...all].map(([name, values]) => [name, median(values)]))
}

/** How often a second, with eight at the same time. */
async function rateOf(go: () => Promise<unknown>, milliseconds: number): Promise<number> {
  const begun = performance.now()
  let count = 0
  const client = async (): Promise<void> => {
    while (performance.now() - begun < milliseconds) {
      await go()
      count++
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
  return (count / (performance.now() - begun)) * 1000
}
