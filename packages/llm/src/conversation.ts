import { type AppHandle, type PluginContext, report, type Stored, type Table, t } from '@localapp/core'
import { runTurn, type TurnWork } from './loop.ts'
import type { Model } from './model/model.ts'
import { runSlash } from './slash.ts'
import { resultOf, type Turn } from './turn.ts'

const fields = {
  turn: t.text(),
  page: t.text(),
  messages: t.longText(),
  note: t.longText(),
}

/** As many turns are shown, and looked through for what the model reads. */
const maxTurns = 50
/** What the row of a turn says until it is done: so it stands there when the app ends before. */
export const cutOff = 'The app was stopped before this was done. Ask again.'
const begun = { running: true, note: '' }

/** What was said: one row a turn, outside the journal, so that it can be forgotten. */
export class Conversation {
  readonly #app: AppHandle
  readonly #model: Model
  readonly #table: Table<typeof fields>
  /** Turns that run, or wait for their turn, are ahead of their rows. */
  readonly #running = new Map<number, Turn>()
  #stop = new AbortController()
  /** One turn after the other: a small machine has one model. */
  #last: Promise<void> = Promise.resolve()

  constructor({ app, table }: PluginContext, model: Model) {
    this.#app = app
    this.#model = model
    this.#table = table('turn', fields)
  }

  turns(): Turn[] {
    const newest = this.#app.reader(this.#table).all({ order: ['id', 'desc'], limit: maxTurns })
    return newest.reverse().map((row) => this.#running.get(row.id) ?? turnOf(row))
  }

  /** Runs a command, or has the model answer, for which nobody waits. */
  async say(content: string, page: string) {
    if (content === '') return
    const messages = JSON.stringify([{ role: 'user', content }])
    const input = { turn: crypto.randomUUID(), page, messages, note: cutOff }
    const row = await this.#app.write('begin a turn', (tx) => tx.table(this.#table).insert(input))
    const turn = { ...turnOf(row), ...begun }
    this.#running.set(turn.id, turn)
    if (content.startsWith('/')) await this.#run(turn, runSlash, this.#stop.signal)
    else this.#queue(() => turn)
    this.#app.announce([this.#table.name])
  }

  /** Goes on with the turn that waited for an approval, once it has come to its waiting. */
  settle() {
    this.#queue(() => {
      for (const turn of this.turns()) {
        for (const [at, message] of turn.messages.entries()) {
          if (message.role !== 'tool' || message.approval === undefined) continue
          const { state, error, output, summary } = this.#app.journal.get(message.approval)
          if (state === 'asked' || state === 'begun') continue
          turn.messages[at] = resultOf(
            message.tool,
            state === 'done'
              ? { status: state, output, summary }
              : { status: 'invalid', messages: { '': error } },
          )
          return turn
        }
      }
      return undefined
    })
  }

  async stop(reason = 'Stopped.') {
    this.#stop.abort(reason)
    this.#stop = new AbortController()
    await this.#last
  }

  async forget() {
    await this.stop()
    const { name } = this.#table
    await this.#app.write('forget the conversation', (tx) => tx.db.deleteFrom(name).execute())
    this.#app.announce([name])
  }

  #queue(next: () => Turn | undefined) {
    const { signal } = this.#stop
    const answer = async () => {
      const turn = next()
      if (turn) await this.#run(turn, runTurn, signal)
    }
    this.#last = this.#last.then(answer).catch((thrown) => report('The assistant failed:', thrown))
  }

  async #run(turn: Turn, work: (work: TurnWork) => Promise<void>, signal: AbortSignal) {
    this.#running.set(turn.id, Object.assign(turn, begun))
    const earlier = this.turns().filter(({ running }) => !running)
    const save = () => this.#save(turn)
    try {
      await save()
      await work({ app: this.#app, model: this.#model, turn, earlier, signal, save })
    } catch (thrown) {
      turn.note = signal.aborted ? signal.reason : wordsOf(thrown)
    }
    turn.running = false
    await save()
    this.#running.delete(turn.id)
  }

  /** Keeps a turn as it is now, unless it was forgotten, and shows it on every page. */
  async #save(turn: Turn) {
    const { id, running } = turn
    const row = { messages: JSON.stringify(turn.messages), note: running ? cutOff : turn.note }
    await this.#app.write('save a turn', (tx) => {
      const table = tx.table(this.#table)
      if (table.find(id)) table.update(id, row)
    })
    this.#app.announce([this.#table.name])
  }
}

function turnOf({ messages, ...row }: Stored<typeof fields>): Turn {
  return { ...row, messages: JSON.parse(messages), running: false }
}

/** What went wrong, for the user; what is not meant for them goes to the terminal. */
export function wordsOf(thrown: unknown) {
  if (thrown instanceof Error && 'fix' in thrown) return `${thrown.message} ${thrown.fix}`
  report('The assistant failed:', thrown)
  return 'The assistant failed. The terminal that runs the app shows where it happened.'
}
