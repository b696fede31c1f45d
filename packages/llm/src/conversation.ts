import { type AppHandle, type PluginContext, type Settled, type Stored, type Table, t } from '@localapp/core'
import { runTurn } from './loop.ts'
import type { Model } from './model/model.ts'
import { parseSlash, runSlash } from './slash.ts'
import { resultOf, type Turn } from './turn.ts'

const fields = {
  turn: t.text(),
  page: t.text(),
  messages: t.longText(),
  running: t.bool(),
  note: t.longText(),
}

/** As many turns are shown, and looked through for what the model reads. */
const maxTurns = 50
/** What is said of a turn that the end of the app cut off. */
export const cutOff = 'The app was stopped before this was done. Ask again.'

/** What was said: one row a turn, outside the journal, so that it can be forgotten. */
export class Conversation {
  readonly #app: AppHandle
  readonly #model: Model
  readonly #table: Table<typeof fields>
  /** The turn that runs is ahead of its row. */
  #running: Turn | undefined
  #stop = new AbortController()
  /** One turn after the other: a small machine has one model. */
  #last: Promise<void> = Promise.resolve()

  constructor({ app, table }: PluginContext, model: Model) {
    this.#app = app
    this.#model = model
    this.#table = table('turn', fields)
  }

  /** The newest turns, oldest first. */
  turns(): Turn[] {
    const newest = this.#app.reader(this.#table).all({ order: [['id', 'desc']], limit: maxTurns })
    return newest.reverse().map((row) => (row.id === this.#running?.id ? this.#running : turnOf(row)))
  }

  /** Says of turns that a killed process left behind that they were cut off. */
  async open(): Promise<void> {
    for (const row of this.#app.reader(this.#table).all({ where: [['running', '=', true]] }))
      await this.#save({ ...turnOf(row), running: false, note: cutOff })
  }

  /** Runs a command, or has the model answer, for which nobody waits. */
  async say(content: string, page: string): Promise<void> {
    if (content === '') return
    const messages = JSON.stringify([{ role: 'user', content }])
    const input = { turn: crypto.randomUUID(), page, messages, running: true }
    const turn = turnOf(await this.#app.write('begin a turn', (tx) => tx.table(this.#table).insert(input)))
    const slash = parseSlash(content)
    if (slash) await runSlash(this.#app, turn, slash)
    else this.#queue(() => turn)
    await this.#save(turn)
  }

  /** Goes on with the turn that waited for an approval, once it has come to its waiting. */
  settle({ approval, outcome }: Settled): void {
    this.#queue(() => {
      for (const turn of this.turns()) {
        const at = turn.messages.findIndex((message) => message.approval === approval)
        const call = turn.messages[at]
        if (call?.role !== 'tool') continue
        turn.messages[at] = resultOf(call.tool, outcome)
        return turn
      }
      return undefined
    })
  }

  /** Ends the turn that runs and those that wait behind it. */
  async stop(reason = 'Stopped.'): Promise<void> {
    this.#stop.abort(reason)
    this.#stop = new AbortController()
    await this.#last
  }

  async forget(): Promise<void> {
    await this.stop()
    const { name } = this.#table
    await this.#app.write('forget the conversation', (tx) => tx.db.deleteFrom(name).execute())
    this.#app.announce([name])
  }

  /** Has a turn answered after those that run already. */
  #queue(next: () => Turn | undefined): void {
    const { signal } = this.#stop
    this.#last = this.#last.then(() => this.#answer(next(), signal)).catch(report)
  }

  async #answer(turn: Turn | undefined, signal: AbortSignal): Promise<void> {
    if (!turn) return
    const earlier = this.turns().filter(({ id, running }) => id !== turn.id && !running)
    const save = (): Promise<void> => this.#save(turn)
    this.#running = Object.assign(turn, { running: true, note: '' })
    try {
      await save()
      await runTurn({ app: this.#app, model: this.#model, turn, earlier, signal, save })
    } catch (thrown) {
      turn.note = signal.aborted ? signal.reason : wordsOf(thrown)
    }
    turn.running = false
    await save()
    this.#running = undefined
  }

  /** Keeps a turn as it is now, unless it was forgotten, and shows it on every page. */
  async #save(turn: Turn): Promise<void> {
    const { id, messages, running, note } = turn
    await this.#app.write('save a turn', (tx) => {
      const table = tx.table(this.#table)
      if (table.find(id)) table.update(id, { messages: JSON.stringify(messages), running, note })
    })
    this.#app.announce([this.#table.name])
  }
}

function turnOf({ messages, ...row }: Stored<typeof fields>): Turn {
  return { ...row, messages: JSON.parse(messages) }
}

/** What went wrong, for the user; what is not meant for them goes to the terminal. */
export function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error && 'fix' in thrown) return `${thrown.message} ${thrown.fix}`
  report(thrown)
  return 'The assistant failed. The terminal that runs the app shows where it happened.'
}

function report(thrown: unknown): void {
  process.stderr.write(`The assistant failed: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
}
