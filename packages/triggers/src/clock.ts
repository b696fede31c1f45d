/** What time it is, and waking up later. Tests give one that they turn themselves. */
export interface Clock {
  now(): Date
  /** Does some work after so many milliseconds, unless the function that it returns is called before. */
  after(milliseconds: number, work: () => void): () => void
}

/** The clock of this machine. It keeps no process alive. */
export const machineClock: Clock = {
  now: () => new Date(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
