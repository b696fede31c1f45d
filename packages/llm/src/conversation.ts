import { type AppHandle, type Outcome, type PluginContext, type Stored, type Table, t } from '@localapp/core'
import type { Message } from './model/model.ts'

/** What became of a call: in words for the model, and in a line for the user. */
export type CallResult = Extract<Message, { role: 'tool' }> & {
  readonly label: string
  readonly status: Outcome['status']
  /** The approval that it waits for. */
  readonly approval?: number | undefined
}

/** A message as a turn keeps it. */
export type TurnMessage = Exclude<Message, { role: 'tool' }> | CallResult

/** Something that the user said, and all that came of it. */
export interface Turn {
  readonly id: number
  /** The turn of its entries in the journal, which are undone together. */
  readonly turn: string
  /** Where the user was when they said it. */
  readonly page: string
  /** What the user said comes first. */
  readonly messages: TurnMessage[]
  running: boolean
  /** What the user should know about how it ended. */
  note: string
}

const fields = {
  turn: t.text({ index: true }),
  page: t.text(),
  messages: t.longText(),
  running: t.bool(),
  note: t.longText(),
}

/** What is said of a turn that the end of the app cut off. */
export const cutOff = 'The app was stopped before this was done. Ask again.'

/** The id of the element that a message's text streams into. */
export function textId({ id }: Turn, message: number): string {
  return `assistant-answer-${id}-${message}`
}

/** The conversation: one row a turn, outside the journal, so that it can be forgotten. */
export class Conversation {
  readonly #app: AppHandle
  readonly #table: Table<typeof fields>
  /** Turns that run are ahead of their rows. */
  readonly #running = new Map<number, Turn>()

  constructor({ app, table }: PluginContext) {
    this.#app = app
    this.#table = table('turn', fields)
  }

  /** The newest turns, oldest first. */
  newest(limit: number): Turn[] {
    const rows = this.#app.reader(this.#table).all({ order: [['id', 'desc']], limit })
    return rows.reverse().map((row) => this.#running.get(row.id) ?? turnOf(row))
  }

  find(turn: string): Turn | undefined {
    const [row] = this.#app.reader(this.#table).all({ where: [['turn', '=', turn]] })
    return row && turnOf(row)
  }

  async begin(content: string, page: string): Promise<Turn> {
    const messages = JSON.stringify([{ role: 'user', content }])
    const input = { turn: crypto.randomUUID(), page, messages, running: true }
    return turnOf(await this.#app.write('begin a turn', (tx) => tx.table(this.#table).insert(input)))
  }

  /** Keeps a turn as it is now, unless it was forgotten, and shows it on every page. */
  async save(turn: Turn): Promise<void> {
    const { id, messages, running, note } = turn
    if (running) this.#running.set(id, turn)
    else this.#running.delete(id)
    await this.#app.write('save a turn', (tx) => {
      const table = tx.table(this.#table)
      if (table.find(id)) table.update(id, { messages: JSON.stringify(messages), running, note })
    })
    this.#app.announce([this.#table.name])
  }

  /** Says of turns that a killed process left behind that they were cut off. */
  async closeCutOff(): Promise<void> {
    for (const row of this.#app.reader(this.#table).all({ where: [['running', '=', true]] }))
      await this.save({ ...turnOf(row), running: false, note: cutOff })
  }

  async forget(): Promise<void> {
    await this.#app.write('forget the conversation', (tx) => {
      const table = tx.table(this.#table)
      for (const { id } of table.all()) table.delete(id)
    })
    this.#app.announce([this.#table.name])
  }
}

function turnOf({ messages, ...row }: Stored<typeof fields>): Turn {
  return { ...row, messages: JSON.parse(messages) }
}
