import { join } from 'node:path'
import type { AppHandle } from '@localapp/core'
import type { Clock } from './clock.ts'
import { FolderWatch } from './folder.ts'
import type { Event } from './placeholder.ts'
import { Queue } from './queue.ts'
import { type Changed, chainOf, changesAfter, newestChange } from './record.ts'
import { nextDue } from './schedule.ts'
import { runs, type Trigger, triggers } from './trigger.ts'

/** Time to finish starting; a command that is done within it sets off nothing by the clock. */
const startDelay = 1_000
/** The clock is looked at this often at least: a machine that slept, or was put to another time, is noticed. */
const tickEvery = 30_000
/** A trigger that programs set off more often than this in a minute is taken for a loop. */
const loopLimit = 60

/** Sees what happens, and sets off the triggers that wait for it. */
export class Engine {
  /** Folders that cannot be watched, by trigger. */
  readonly problems = new Map<number, string>()
  readonly #app: AppHandle
  readonly #clock: Clock
  readonly #timeZone: string | undefined
  readonly #watches = new Map<number, { key: string; watch: FolderWatch }>()
  readonly #queue: Queue
  #closed = false
  #cancelTick: () => void = () => {}
  #lastChange = 0
  #live = false

  constructor(app: AppHandle, clock: Clock, timeZone: string | undefined) {
    this.#app = app
    this.#clock = clock
    this.#timeZone = timeZone
    this.#queue = new Queue(app, clock)
  }

  async start() {
    this.#lastChange = await newestChange(this.#app)
    await this.#queue.closeCutOff()
    this.#clock.after(startDelay, () => {
      if (this.#closed) return
      this.#live = true
      for (const trigger of this.#on('start')) this.#queue.claimSoon(trigger, { event: this.#now() })
      for (const trigger of this.#all()) this.#queue.drain(trigger.id)
      this.#refresh()
    })
  }

  /** Ends the watching, and gives what is running a moment to write down how it ended. */
  async close() {
    this.#closed = true
    this.#cancelTick()
    for (const { watch } of this.#watches.values()) watch.close()
    await this.#queue.close()
  }

  /** Something was committed. */
  changed(topics: readonly string[]) {
    if (this.#closed) return
    if (topics.includes(triggers.name)) this.#refresh()
    if (topics.some((topic) => !topic.startsWith(triggers.name))) this.#queue.enqueue(() => this.#records())
  }

  /** The next time that a trigger is due; undefined where it has none. */
  dueOf({ id, on, when, schedule, since }: Trigger): Date | undefined {
    if (!on || when !== 'schedule' || schedule === null) return undefined
    const [last] = this.#app.reader(runs).all({
      where: [
        ['trigger', '=', id],
        ['scheduled', '=', true],
      ],
      order: ['id', 'desc'],
      limit: 1,
    })
    const after = last && last.at > since ? last.at : since
    return nextDue(schedule, this.#timeZone, new Date(after))
  }

  /** Sets a trigger off by hand. */
  async runNow(trigger: Trigger) {
    await this.#queue.enqueue(() => this.#queue.claim(trigger, { event: this.#now() }))
  }

  #now(): Event & { time: string } {
    return { time: this.#clock.now().toISOString() }
  }

  #all() {
    return this.#app.reader(triggers).all()
  }

  #on(...occasions: Trigger['when'][]) {
    return this.#all().filter(({ on, when }) => on && occasions.includes(when))
  }

  /** Follows the triggers as they are now: their folders and their times. */
  #refresh() {
    if (!this.#live || this.#closed) return
    const watched = this.#on('file')
    for (const [id, { key, watch }] of this.#watches) {
      if (watched.some((each) => each.id === id && keyOf(each) === key)) continue
      watch.close()
      this.#watches.delete(id)
      this.problems.delete(id)
    }
    for (const trigger of watched) if (!this.#watches.has(trigger.id)) this.#watchFolder(trigger)
    this.#tick()
  }

  /** Sets off what is due. What was missed, however often, runs once. */
  #tick() {
    this.#cancelTick()
    const now = this.#clock.now()
    let wait = tickEvery
    for (const trigger of this.#on('schedule')) {
      const due = this.dueOf(trigger)
      if (due && due <= now) {
        this.#queue.claimSoon(trigger, { event: this.#now(), scheduled: true })
      } else if (due) wait = Math.min(wait, due.getTime() - now.getTime())
    }
    void this.#queue.settled.then(() => {
      if (this.#closed) return
      this.#cancelTick()
      this.#cancelTick = this.#clock.after(Math.max(wait, 50), () => this.#tick())
    })
  }

  #watchFolder(trigger: Trigger) {
    const { id, folder, since } = trigger
    if (folder === null) return
    const rows = this.#app.reader(runs).all({
      where: [
        ['trigger', '=', id],
        ['file', '!=', null],
        ['at', '>=', since],
      ],
    })
    const wentAway = new Set(
      rows.flatMap(({ state, event }) => (state === 'gone' ? [String(event.name)] : [])),
    )
    const known = [
      ...trigger.seen.filter((name) => !wentAway.has(name)),
      ...rows.flatMap(({ state, file }) => (state === 'gone' ? [] : [String(file)])),
    ]
    const watch = new FolderWatch(
      folder,
      known,
      {
        appeared: (name) =>
          this.#queue.claimSoon(trigger, {
            event: { ...this.#now(), file: join(folder, name), name },
            file: name,
          }),
        left: (name) => void this.#queue.enqueue(() => this.#forget(trigger, name)),
        problem: (sentence) => {
          if (this.problems.get(id) === sentence) return
          if (sentence === undefined) this.problems.delete(id)
          else this.problems.set(id, sentence)
          this.#app.announce([runs.name])
        },
      },
      this.#clock,
    )
    this.#watches.set(id, { key: keyOf(trigger), watch })
  }

  /** A file that went away may come again. */
  async #forget(trigger: Trigger, name: string) {
    const rows = this.#app.reader(runs).all({
      where: [
        ['trigger', '=', trigger.id],
        ['file', '=', name],
      ],
    })
    await this.#app.write('triggers-gone', ({ table }) => {
      if (!table(triggers).find(trigger.id)) return
      for (const { id, state } of rows) if (state !== 'gone') table(runs).update(id, { file: null })
      if (!trigger.seen.includes(name) || rows.some(({ state }) => state === 'gone')) return
      const at = this.#clock.now().toISOString()
      table(runs).insert({ trigger: trigger.id, event: { name }, at, state: 'gone', file: name })
    })
  }

  /** Sets off what waits for the records that have changed since the last time. */
  async #records() {
    const changes = await changesAfter(this.#app, this.#lastChange)
    for (const change of changes) {
      this.#lastChange = change.id
      for (const trigger of this.#on('created', 'changed'))
        if (concerns(trigger, change)) await this.#claimRecord(trigger, change)
    }
  }

  async #claimRecord(trigger: Trigger, change: Changed) {
    const { table, key, record, turn, isUsers } = change
    const chain = chainOf(turn)
    const values = Object.entries(record).map(([name, value]) => [`record.${name}`, value] as const)
    const event = { ...this.#now(), id: key, table, ...Object.fromEntries(values) }
    if (!isUsers && this.#isLoop(trigger)) {
      await this.#app.write('triggers-loop', (tx) => {
        tx.table(triggers).update(trigger.id, { on: false })
        const message = `It was set off more than ${loopLimit} times in a minute, and not by the user, so it was turned off.`
        const at = this.#clock.now().toISOString()
        tx.table(runs).insert({ trigger: trigger.id, event, at, state: 'failed', message })
      })
      this.#app.announce([triggers.name, runs.name])
    } else await this.#queue.claim(trigger, { event, chain })
  }

  #isLoop({ id }: Trigger) {
    const minuteAgo = new Date(this.#clock.now().getTime() - 60_000).toISOString()
    const where = [
      ['trigger', '=', id],
      ['at', '>', minuteAgo],
    ] as const
    return this.#app.reader(runs).count({ where, limit: loopLimit }) >= loopLimit
  }
}

const keyOf = ({ folder, since }: Trigger) => JSON.stringify([folder, since])

function concerns(trigger: Trigger, { table, isNew, turn }: Changed): boolean {
  const fits = trigger.table === table && (trigger.when === 'created') === isNew
  return fits && !chainOf(turn).includes(trigger.id)
}
