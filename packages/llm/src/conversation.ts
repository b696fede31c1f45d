import { type PluginContext, report, type Stored, t } from '@localapp/core'
import type { Model } from '@localapp/models'
import { runTurn, type TurnWork } from './loop.ts'
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

/**
 * What a plugin provides as `watch-model` to stand between the assistant and its model: it gets the model and the turn
 * that is about to be answered, as the journal has it, and returns what is asked in its place.
 */
export type WatchModel = (model: Model, turn: string) => Model

/** What was said: one row a turn, outside the journal, so that it can be forgotten. */
export function openConversation({ app, table, started, service }: PluginContext, model: Model) {
  const rows = table('turn', fields)
  /** The newest; those that run, or wait for their turn, are ahead of their rows. */
  let turns: readonly Turn[] = []
  let stopping = new AbortController()
  /** One turn after the other: a small machine has one model. */
  let last = Promise.resolve()

  started(() => {
    const newest = app.reader(rows).all({ order: ['id', 'desc'], limit: maxTurns })
    turns = newest.reverse().map(turnOf)
  })

  const run = async (turn: Turn, work: (work: TurnWork) => Promise<void>, signal: AbortSignal) => {
    Object.assign(turn, begun)
    const earlier = turns.filter(({ running }) => !running)
    /** Keeps the turn as it is now, unless it was forgotten, and shows it on every page. */
    const save = async () => {
      const { id, running, messages, note } = turn
      const row = { messages: JSON.stringify(messages), note: running ? cutOff : note }
      await app.write('save a turn', (tx) => {
        const table = tx.table(rows)
        if (table.find(id)) table.update(id, row)
      })
      app.announce([rows.name])
    }
    try {
      await save()
      const watched = service<WatchModel>('watch-model')?.(model, turn.turn) ?? model
      await work({ app, model: watched, turn, earlier, signal, save })
    } catch (thrown) {
      turn.note = signal.aborted ? signal.reason : wordsOf(thrown)
    }
    turn.running = false
    await save()
  }

  const queue = (next: () => Turn | undefined) => {
    const { signal } = stopping
    const answer = async () => {
      const turn = next()
      if (turn) await run(turn, runTurn, signal)
    }
    last = last.then(answer).catch((thrown) => report('The assistant failed:', thrown))
  }

  const stop = async (reason = 'Stopped.') => {
    stopping.abort(reason)
    stopping = new AbortController()
    await last
  }

  return {
    turns: () => turns,
    stop,

    /** Runs a command, or has the model answer, for which nobody waits. */
    async say(content: string, page: string) {
      if (content === '') return
      const messages = JSON.stringify([{ role: 'user', content }])
      const input = { turn: crypto.randomUUID(), page, messages, note: cutOff }
      const row = await app.write('begin a turn', (tx) => tx.table(rows).insert(input))
      const turn = { ...turnOf(row), ...begun }
      turns = [...turns, turn].slice(-maxTurns)
      if (content.startsWith('/')) await run(turn, runSlash, stopping.signal)
      else queue(() => turn)
      app.announce([rows.name])
    },

    /** Goes on with the turn that waited for an approval, once it has come to its waiting. */
    settle() {
      queue(() => {
        for (const turn of turns) {
          for (const [at, message] of turn.messages.entries()) {
            if (message.role !== 'tool' || message.approval === undefined) continue
            const { state, error, output, summary } = app.journal.get(message.approval)
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
    },

    async forget() {
      await stop()
      turns = []
      await app.write('forget the conversation', (tx) => tx.db.deleteFrom(rows.name).execute())
      app.announce([rows.name])
    },
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
