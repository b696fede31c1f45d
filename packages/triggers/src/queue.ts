import { randomUUID } from 'node:crypto'
import { type AppHandle, type Outcome, report } from '@localapp/core'
import type { Clock } from './clock.ts'
import { fill } from './placeholder.ts'
import { turnOf } from './record.ts'
import { type Run, runs, type Trigger, triggers } from './trigger.ts'

const keptRuns = 100

/** What a run is made of. */
export interface Claim
  extends Pick<Run, 'event'>,
    Partial<Pick<Run, 'scheduled' | 'file' | 'chain' | 'state'>> {}

/** The runs: each is written down first, and those of one trigger come one after another. */
export class Queue {
  readonly #app: AppHandle
  readonly #clock: Clock
  readonly #working = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()
  #claims: Promise<unknown> = Promise.resolve()

  constructor(app: AppHandle, clock: Clock) {
    this.#app = app
    this.#clock = clock
  }

  /** What was asked of it until now is written down. */
  get settled(): Promise<unknown> {
    return this.#claims
  }

  /** Begins nothing more, and lets what runs write down how it ended. */
  async close() {
    this.#stop.abort()
    await this.#claims
    await Promise.allSettled(this.#working.values())
  }

  /** What a killed process had begun is not done again. */
  async closeCutOff() {
    const cutOff = this.#app.reader(runs).all({ where: [['state', '=', 'begun']] })
    if (cutOff.length > 0) {
      await this.#app.write('triggers-cut-off', ({ table }) => {
        const message = 'The app was stopped before this was done.'
        for (const { id } of cutOff) table(runs).update(id, { state: 'failed', message })
      })
    }
  }

  /** Does writing after what was begun before. What goes wrong is told to the terminal; the app goes on. */
  enqueue(work: () => Promise<void>): Promise<void> {
    const next = this.#claims.then(work).catch((thrown: unknown) => report('A trigger failed:', thrown))
    this.#claims = next
    return next
  }

  claimSoon(trigger: Trigger, claim: Claim) {
    void this.enqueue(() => this.claim(trigger, claim))
  }

  async claim({ id }: Trigger, { event, state = 'waiting', ...claim }: Claim) {
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
    this.drain(id)
  }

  /** Works off what waits for one trigger, one run after another. */
  drain(trigger: number) {
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
