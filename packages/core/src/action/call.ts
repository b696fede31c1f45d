import { randomUUID } from 'node:crypto'
import { asLocalappError, localappError } from '../error/error.ts'
import { decodeFields } from '../field/decode.ts'
import type { Fields, Row, Source } from '../field/field.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import {
  type Action,
  type Actor,
  type ExternalContext,
  InvalidInput,
  type Outcome,
  type ReadContext,
  type WriteContext,
} from './action.ts'
import { approvals, ask, claim, needsApproval } from './approval.ts'
import { entries, type JournalEntry, record, recordChanges } from './journal.ts'

/** How a surface asks for an action. */
export interface CallOptions {
  readonly actor: Actor
  /** How `input` was written: a form's text, or JSON (the default). */
  readonly source?: Source
  /** Joins the call to a turn, so that one Undo takes all of it back. */
  readonly turn?: string
  /** The person at a command line said yes (`--yes`, or a terminal). */
  readonly confirmed?: boolean
  /** The approval that this call uses up. */
  readonly approval?: number
  readonly signal?: AbortSignal
}

export interface CallEnvironment {
  readonly storage: Storage
  get(id: string): Action | undefined
  /** Called once after each commit, with the tables that changed and the journal entry. */
  announce(topics: readonly string[], entry?: number): void
  /** Called with what an action threw that was not meant for the user, stack and all. */
  report(action: string, error: unknown): void
}

interface Passage {
  readonly action: Action
  readonly input: Row<Fields>
  readonly actor: Actor
  readonly turn: string
  readonly signal: AbortSignal
  readonly approval?: number | undefined
  /** The user asked for this, or has approved it: no card for it or for what it calls. */
  readonly granted: boolean
}

/**
 * The one way that anything happens: decode, ask whether it may, run and journal in one transaction, announce.
 * It never throws: whatever goes wrong is an outcome that a surface can show.
 */
export async function call(
  environment: CallEnvironment,
  id: string,
  raw: unknown,
  options: CallOptions,
): Promise<Outcome> {
  const { actor, turn = randomUUID(), approval, signal = never, source, confirmed } = options
  const isUser = actor.kind === 'user' || actor.kind === 'plugin' || (actor.kind === 'cli' && confirmed)
  const granted = approval !== undefined || isUser === true
  try {
    const admitted = admit(environment, id, raw, granted, source)
    return await pass(environment, { ...admitted, actor, turn, signal, approval, granted })
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { status: 'invalid', messages: thrown.messages }
    const { title = id, effect } = environment.get(id) ?? {}
    const outside = effect === 'external' ? 'What it did outside the data stands.' : 'Nothing was changed.'
    const fix = `${outside} The terminal that runs the app shows where it happened.`
    const error = asLocalappError(thrown, 'LOCALAPP_ACTION_FAILED', `“${title}” failed`, fix)
    if (error !== thrown) environment.report(id, thrown)
    return { status: 'failed', error }
  }
}

function admit(
  environment: CallEnvironment,
  id: string,
  raw: unknown,
  granted: boolean,
  source: Source = 'json',
): Pick<Passage, 'action' | 'input'> {
  const action = environment.get(id)
  if (!action) {
    const fix = '“localapp call” lists all actions.'
    throw localappError('LOCALAPP_ACTION_UNKNOWN', `There is no action “${id}”.`, fix)
  }
  const decoded = decodeFields(action.input, raw, source)
  if (!decoded.ok) throw new InvalidInput(decoded.messages)
  if (action.userOnly && !granted) {
    const fix = 'Do it on the page, or add --yes at a command line.'
    throw localappError('LOCALAPP_FORBIDDEN', `“${action.title}” is for the user alone.`, fix)
  }
  return { action, input: decoded.value }
}

async function pass(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, granted } = passage
  if (needsApproval(action, granted)) return await card(environment, passage)
  if (action.effect === 'external') return await external(environment, passage)
  if (action.effect !== 'read') return await write(environment, passage)
  return { status: 'done', output: await perform(passage, readContext(environment, passage)) }
}

/** Nothing is done yet: the user gets a card that names the record. What would be refused is refused now. */
async function card(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, input, actor, turn } = passage
  check(passage, readContext(environment, passage))
  const { id, title } = await environment.storage.write('ask', (tx) => ask(tx, action, input, actor, turn))
  environment.announce([approvals.name])
  return { status: 'approval', approval: id, title }
}

/** A change: run, journal and commit together, or not at all. */
async function write(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, input, approval } = passage
  const topics = new Set([action.plugin])
  const done = await environment.storage.write(action.id, async (tx) => {
    if (approval !== undefined) claim(tx, action, input, approval)
    const claimed = tx.changes.length // an approval is used up for good: no undo gives it back
    const output = await perform(passage, writeContext(environment, passage, tx))
    const summary = summarize(action, input, output)
    const made = tx.changes.slice(claimed)
    for (const { table } of made) topics.add(table)
    const undoable = action.undo !== undefined || (made.length > 0 && !tx.wroteRaw)
    const entry = record(tx, { ...passage, output, summary, state: 'done', undoable }, made)
    return { output, entry, summary }
  })
  environment.announce([...topics], done.entry)
  return { status: 'done', ...done }
}

/** Work outside the data: journalled as begun, run with no transaction open, journalled as done or failed. */
async function external(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, input, approval } = passage
  const { storage, announce } = environment
  const undoable = action.undo !== undefined
  const entry = await storage.write(action.id, (tx) => {
    if (approval !== undefined) claim(tx, action, input, approval)
    return record(tx, { ...passage, summary: action.title, state: 'begun', undoable: false }, [])
  })
  const note = (patch: Partial<JournalEntry>): Promise<unknown> =>
    storage.write(action.id, (tx) => tx.table(entries).update(entry, patch))
  const context: ExternalContext = {
    ...readContext(environment, passage),
    async commit(work) {
      const topics = new Set([action.plugin])
      const result = await storage.write(action.id, async (tx) => {
        const result = await work(writeContext(environment, passage, tx))
        for (const { table } of tx.changes) topics.add(table)
        recordChanges(tx, entry, [...tx.changes])
        return result
      })
      announce([...topics])
      return result
    },
  }
  try {
    const output = await perform(passage, context)
    const summary = summarize(action, input, output)
    await note({ state: 'done', summary, output: output ?? null, undoable })
    announce([action.plugin], entry)
    return { status: 'done', output, entry, summary }
  } catch (thrown) {
    await note({ state: 'failed', error: thrown instanceof Error ? thrown.message : String(thrown) })
    announce([action.plugin, entries.name])
    throw thrown
  }
}

function check({ action, input }: Passage, context: ReadContext): void {
  const messages = action.check?.(input, context)
  if (messages) throw new InvalidInput(messages)
}

async function perform(passage: Passage, context: ReadContext): Promise<unknown> {
  check(passage, context)
  // The context was made for this action's effect by the caller.
  return await passage.action.run(passage.input, context as ExternalContext & WriteContext)
}

function summarize(action: Action, input: Row<Fields>, output: unknown): string {
  return action.summary?.(input, output) ?? action.title
}

/** The passage of an action that another one calls: same actor, turn and grant; its own input. */
function inner(environment: CallEnvironment, passage: Passage, id: string, raw: unknown): Passage {
  const admitted = admit(environment, id, raw, passage.granted)
  if (needsApproval(admitted.action, passage.granted)) {
    const what = `“${passage.action.id}” calls “${id}”, which needs the user's word.`
    throw localappError('LOCALAPP_FORBIDDEN', what, `Call “${id}” by itself, so that the user is asked.`)
  }
  return { ...passage, ...admitted, approval: undefined }
}

function readContext(environment: CallEnvironment, passage: Passage): ReadContext {
  const { action, actor, turn, signal } = passage
  const { storage } = environment
  return {
    db: storage.db,
    actor,
    turn,
    signal,
    table: (table) => storage.reader(table),
    async call(id, raw) {
      const next = inner(environment, passage, id, raw)
      if (action.effect === 'read' && next.action.effect !== 'read') {
        const what = `“${action.id}” is declared as a read, and called “${id}”, which changes things.`
        const fix = `Declare “${action.id}” with the effect “${next.action.effect}”.`
        throw localappError('LOCALAPP_DECLARATION', what, fix)
      }
      const outcome = await pass(environment, next)
      return outcome.status === 'done' ? outcome.output : undefined
    },
  }
}

function writeContext(environment: CallEnvironment, passage: Passage, tx: Transaction): WriteContext {
  const { actor, turn, signal } = passage
  return {
    actor,
    turn,
    signal,
    get db() {
      return tx.db
    },
    get tx() {
      return tx.db
    },
    table: (table) => tx.table(table),
    restore: (change) => tx.restore(change),
    async call(id, raw) {
      const next = inner(environment, passage, id, raw)
      if (next.action.effect === 'external') {
        const what = `“${id}” works outside the data, and was called inside a transaction.`
        throw localappError(
          'LOCALAPP_TRANSACTION',
          what,
          'Call it from an external action, outside commit().',
        )
      }
      return await perform(next, writeContext(environment, next, tx))
    },
  }
}

const never = new AbortController().signal
