/** Throws unless a text has a part in it. */
export function expectIn(text: string, part: string, where: string): void {
  if (!text.includes(part)) throw new Error(`“${part}” is not in ${where}:\n${text}`)
}

/** Seconds since a moment of `performance.now()`, as in `2.4 s`. */
export function since(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`
}

/** Does a part and prints how long it took. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await work()
  console.log(`   ${since(begun).padStart(7)}  ${what}`)
  return result
}

/** Asks again and again, for 20 s, until a text has a part in it. */
export async function waitFor(
  part: string,
  where: string,
  ask: () => Promise<string> | string,
): Promise<void> {
  const end = performance.now() + 20_000
  for (;;) {
    const text = await Promise.resolve(ask()).catch((error: unknown) => String(error))
    if (text.includes(part)) return
    if (performance.now() > end) expectIn(text, part, where)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
