/** What the user is told in a sentence; nothing was written. */
export class Refusal extends Error {
  /** What would have done instead. */
  readonly instead: string | undefined

  constructor(sentence: string, instead?: string) {
    super(sentence)
    this.instead = instead
  }
}
