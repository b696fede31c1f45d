import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from './clock.ts'
import { problemOfFolder } from './examine.ts'

/** How long a file must stay as it is until it counts as written. */
const settle = 1_000
/** How often a folder is looked at, whatever the system tells of it. */
const every = 5_000
/** What is hidden, or still being fetched. */
const ignored = /^\.|~$|\.(part|partial|crdownload|download|tmp)$/i

/** The names of the files in a folder. Throws when it cannot be read. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !ignored.test(entry.name))
    .map(({ name }) => name)
}

/** What a watched folder tells. */
export interface FolderListener {
  /** A file is there, wholly written, that was not known. */
  appeared(name: string): void
  /** A file that was known is there no more. */
  left(name: string): void
  /** The folder cannot be read, or can again. */
  problem(sentence: string | undefined): void
}

/** Watches a folder until it is closed: by what the system tells, and by looking again every few seconds. */
export class FolderWatch {
  readonly #folder: string
  readonly #clock: Clock
  readonly #known: Set<string>
  readonly #listener: FolderListener
  readonly #growing = new Map<string, { look: string; since: number }>()
  #watcher: FSWatcher | undefined
  #cancel: () => void = () => {}
  #soon = false
  #closed = false

  constructor(folder: string, known: Iterable<string>, listener: FolderListener, clock: Clock) {
    this.#folder = folder
    this.#known = new Set(known)
    this.#listener = listener
    this.#clock = clock
    this.#scan()
  }

  close() {
    this.#closed = true
    this.#cancel()
    this.#watcher?.close()
  }

  #scan() {
    if (this.#closed) return
    this.#soon = false
    try {
      const names = filesIn(this.#folder)
      this.#watch()
      this.#listener.problem(undefined)
      this.#compare(names)
    } catch {
      this.#watcher?.close()
      this.#watcher = undefined
      this.#listener.problem(problemOfFolder(this.#folder) ?? `${this.#folder} cannot be read.`)
    }
    this.#later(this.#growing.size > 0 ? settle / 2 : every)
  }

  #later(milliseconds: number) {
    if (this.#closed) return
    this.#cancel()
    this.#cancel = this.#clock.after(milliseconds, () => this.#scan())
  }

  /** A file that is being written tells of it many times. */
  #told() {
    if (this.#soon || this.#growing.size > 0) return
    this.#soon = true
    this.#later(100)
  }

  #watch() {
    if (this.#watcher) return
    this.#watcher = watch(this.#folder, { persistent: false }, () => this.#told())
    this.#watcher.on('error', () => {
      this.#watcher?.close()
      this.#watcher = undefined
    })
  }

  #compare(names: readonly string[]) {
    const there = new Set(names)
    for (const name of this.#known) {
      if (there.has(name)) continue
      this.#known.delete(name)
      this.#listener.left(name)
    }
    for (const name of this.#growing.keys()) if (!there.has(name)) this.#growing.delete(name)
    const now = this.#clock.now().getTime()
    for (const name of names) {
      if (this.#known.has(name)) continue
      const { size, mtimeMs } = statSync(join(this.#folder, name), { throwIfNoEntry: false }) ?? {}
      const look = `${size} ${mtimeMs}`
      const before = this.#growing.get(name)
      if (before?.look !== look) this.#growing.set(name, { look, since: now })
      else if (now - before.since >= settle) {
        this.#growing.delete(name)
        this.#known.add(name)
        this.#listener.appeared(name)
      }
    }
  }
}
