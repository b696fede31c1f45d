import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type AppHandle, type Outcome, report } from '@localapp/core'
import type { Clock } from './clock.ts'
import { FolderWatch } from './folder.ts'
import { type Event, fill } from './placeholder.ts'
import { type Changed, chainOf, changesAfter, newestChange, turnOf } from './record.ts'
import { nextDue } from './schedule.ts'
import { type Run, runs, type Trigger, triggers } from './trigger.ts'

/** Time to finish starting; a command that is done within it sets off nothing by the clock. */
const startDelay = 1_000
/** The clock is looked at this often at least: a machine that slept, or was put to another time, is noticed. */
const tickEvery = 30_000
/** A trigger that programs set off more often than this in a minute is taken for a loop. */
const loopLimit = 60
const keptRuns = 100

/** What a run is made of. */
interface Claim extends Pick<Run, 'event'>, Partial<Pick<Run, 'scheduled' | 'file' | 'chain' | 'state'>> {}

/** Sees what happens, writes a run down for each trigger that it sets off, and runs them one after another. */
export class Engine {
  /** Folders that cannot be watched, by trigger. */
  readonly problems = new Map<number, string>()
  readonly #app: AppHandle
  readonly #clock: Clock
  readonly #timeZone: string | undefined
  readonly #watches = new Map<number, { key: string; watch: FolderWatch }>()
  readonly #working = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()
  /** Writes one after another, so that nothing is claimed twice. */
  #claims: Promise<unknown> = Promise.resolve()
  #cancelTick: () => void = () => {}
  #lastChange = 0
  #live = false

  constructor(app: AppHandle, clock: Clock, timeZone: string | undefined) {
    this.#app = app
    this.#clock = clock
    this.#timeZone = timeZone
  }

  async start() {
    this.#lastChange = await newestChange(this.#app)
    const cutOff = this.#app.reader(runs).all({ where: [['state', '=', 'begun']] })
    if (cutOff.length > 0) {
      await this.#app.write('triggers-cut-off', ({ table }) => {
        const message = 'The app was stopped before this was done.'
        for (const { id } of cutOff) table(runs).update(id, { state: 'failed', message })
      })
    }
    this.#clock.after(startDelay, () => {
      if (this.#stop.signal.aborted) return
      this.#live = true
      for (const trigger of this.#on('start')) this.#claimSoon(trigger, { event: this.#now() })
      for (const trigger of this.#all()) this.#drain(trigger.id)
      this.#refresh()
    })
  }

  /** Ends the watching, and gives what is running a moment to write down how it ended. */
  async close() {
    this.#stop.abort()
    this.#cancelTick()
    for (const { watch } of this.#watches.values()) watch.close()
    await this.#claims
    await Promise.allSettled(this.#working.values())
  }

  /** Something was committed. */
  changed(topics: readonly string[]) {
    if (this.#stop.signal.aborted) return
    if (topics.includes(triggers.name)) this.#refresh()
    if (topics.some((topic) => !topic.startsWith(triggers.name))) this.#enqueue(() => this.#records())
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
    await this.#enqueue(() => this.#claim(trigger, { event: this.#now() }))
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

  /** Does writing after what was begun before. What goes wrong is told to the terminal; the app goes on. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    const next = this.#claims.then(work).catch((thrown: unknown) => report('A trigger failed:', thrown))
    this.#claims = next
    return next
  }

  #claimSoon(trigger: Trigger, claim: Claim) {
    void this.#enqueue(() => this.#claim(trigger, claim))
  }

  async #claim({ id }: Trigger, { event, state = 'waiting', ...claim }: Claim) {
    const at = this.#clock.now().toISOString()
    await this.#app.write('triggers-claim', ({ table }) => {
      if (!table(triggers).find(id)) return
      // One that is still at work, or waits, is enough for what the clock sets off.
      const isBusy = ['waiting', 'begun'].some((busy) =>
        table(runs).count({
          where: [
            ['trigger', '=', id],
            ['state', '=', busy as Run['state']],
          ],
          limit: 1,
        }),
      )
      const skipped = claim.scheduled === true && isBusy
      const message = skipped ? 'The run before it had not ended.' : null
      table(runs).insert({ trigger: id, event, at, ...claim, state: skipped ? 'skipped' : state, message })
    })
    this.#app.announce([runs.name])
    this.#drain(id)
  }

  /** Follows the triggers as they are now: their folders and their times. */
  #refresh() {
    if (!this.#live || this.#stop.signal.aborted) return
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
        this.#claimSoon(trigger, { event: this.#now(), scheduled: true })
      } else if (due) wait = Math.min(wait, due.getTime() - now.getTime())
    }
    void this.#claims.then(() => {
      if (this.#stop.signal.aborted) return
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
          this.#claimSoon(trigger, {
            event: { ...this.#now(), file: join(folder, name), name },
            file: name,
          }),
        left: (name) => void this.#enqueue(() => this.#forget(trigger, name)),
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
    } else await this.#claim(trigger, { event, chain })
  }

  #isLoop({ id }: Trigger) {
    const minuteAgo = new Date(this.#clock.now().getTime() - 60_000).toISOString()
    const where = [
      ['trigger', '=', id],
      ['at', '>', minuteAgo],
    ] as const
    return this.#app.reader(runs).count({ where, limit: loopLimit }) >= loopLimit
  }

  /** Works off what waits for one trigger, one run after another. */
  #drain(trigger: number) {
    if (this.#working.has(trigger) || !this.#nextOf(trigger)) return
    const work = async () => {
      try {
        for (let next = this.#nextOf(trigger); next; next = this.#nextOf(trigger)) await this.#run(next)
      } catch (thrown) {
        report('A trigger failed:', thrown)
      } finally {
        this.#working.delete(trigger)
      }
    }
    this.#working.set(trigger, work())
  }

  #nextOf(trigger: number): Run | undefined {
    if (this.#stop.signal.aborted) return undefined
    const where = [
      ['trigger', '=', trigger],
      ['state', '=', 'waiting'],
    ] as const
    return this.#app.reader(runs).all({ where, limit: 1 })[0]
  }

  async #run(run: Run) {
    const trigger = this.#app.reader(triggers).find(run.trigger)
    const action = trigger && this.#app.actions.get(trigger.action)
    if (!trigger) return await this.#note(run, { state: 'failed', message: 'The trigger was deleted.' })
    await this.#note(run, { state: 'begun' })
    // Whoever is no user is asked for a card; what the user set up needs none, unless it takes data away.
    const isTrusted = trigger.byUser && action?.effect !== 'destructive'
    const name = `trigger “${trigger.name}”`
    const outcome = await this.#app.actions.call(trigger.action, fill(trigger.input, run.event), {
      actor: { kind: isTrusted ? 'plugin' : 'program', name },
      turn: turnOf([...run.chain, trigger.id], randomUUID()),
      signal: this.#stop.signal,
    })
    await this.#note(run, became(outcome))
  }

  async #note(run: Run, patch: Partial<Run>) {
    await this.#app.write('triggers-note', ({ table }) => {
      if (!table(runs).find(run.id)) return
      table(runs).update(run.id, patch)
      const old = table(runs).all({
        where: [
          ['trigger', '=', run.trigger],
          ['file', '=', null],
          ['id', '<', run.id],
        ],
        order: ['id', 'desc'],
      })
      const isOver = ({ state }: Run) => state !== 'waiting' && state !== 'begun'
      for (const { id } of old.slice(keptRuns).filter(isOver)) table(runs).delete(id)
    })
    this.#app.announce([runs.name])
  }
}

const keyOf = ({ folder, since }: Trigger) => JSON.stringify([folder, since])

function concerns(trigger: Trigger, { table, isNew, turn }: Changed): boolean {
  const fits = trigger.table === table && (trigger.when === 'created') === isNew
  return fits && !chainOf(turn).includes(trigger.id)
}

function became(outcome: Outcome): Partial<Run> {
  if (outcome.status === 'done')
    return { state: 'done', message: outcome.summary ?? null, entry: outcome.entry ?? null }
  if (outcome.status === 'approval')
    return { state: 'asked', message: outcome.title, entry: outcome.approval }
  const message =
    outcome.status === 'invalid'
      ? Object.values(outcome.messages).join(' ')
      : `${outcome.error.message} ${outcome.error.fix}`
  return { state: 'failed', message: message.slice(0, 10_000) }
}
