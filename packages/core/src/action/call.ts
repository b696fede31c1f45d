import { randomUUID } from 'node:crypto'
import { asLocalappError, type LocalappError, localappError } from '../error/error.ts'
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
import { ask, claim, needsApproval } from './approval.ts'
import { entries, record, recordChanges } from './journal.ts'

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

/** What the path needs of the app around it. */
export interface CallEnvironment {
  readonly storage: Storage
  get(id: string): Action | undefined
  /** Called once after each commit, with the tables that changed and the journal entry. */
  announce(topics: readonly string[], entry?: number): void
  /** Called with what an action threw that was not meant for the user, stack and all. */
  report(action: Action, error: unknown): void
}

/** What is known of a call on its way. */
interface Passage {
  readonly action: Action
  readonly input: Row<Fields>
  readonly actor: Actor
  readonly turn: string
  readonly signal: AbortSignal
  /** The approval that is used up by this call. */
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
  const action = environment.get(id)
  if (!action) return { status: 'failed', error: unknownAction(id) }
  const decoded = decodeFields(action.input, raw, options.source ?? 'json')
  if (!decoded.ok) return { status: 'invalid', messages: decoded.messages }
  const { actor, turn = randomUUID(), approval, signal = never } = options
  const granted = approval !== undefined || isUser(actor, options.confirmed)
  try {
    return await pass(environment, { action, input: decoded.value, actor, turn, signal, approval, granted })
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { status: 'invalid', messages: thrown.messages }
    const outside =
      action.effect === 'external' ? 'What it did outside the data stands.' : 'Nothing was changed.'
    const fix = `${outside} The terminal that runs the app shows where it happened.`
    const error = asLocalappError(thrown, 'LOCALAPP_ACTION_FAILED', `“${action.title}” failed`, fix)
    if (error !== thrown) environment.report(action, thrown)
    return { status: 'failed', error }
  }
}

async function pass(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, granted } = passage
  if (action.userOnly && !granted) throw userOnly(action)
  if (needsApproval(action, granted)) return await card(environment, passage)
  if (action.effect === 'read') {
    return { status: 'done', output: await perform(passage, readContext(environment, passage)) }
  }
  return action.effect === 'external'
    ? await external(environment, passage)
    : await write(environment, passage)
}

/** A change: run, journal and commit together, or not at all. */
async function write(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, input, approval } = passage
  const topics = new Set([action.plugin])
  const done = await environment.storage.write(action.id, async (tx) => {
    if (approval !== undefined) claim(tx, action, input, approval)
    const context = writeContext(environment, passage, tx)
    const output = await perform(passage, context)
    const summary = summarize(action, input, output)
    for (const change of tx.changes) topics.add(change.table)
    const changed = tx.changes.some((change) => change.table !== 'localapp_approval')
    const undoable = action.undo !== undefined || (changed && !tx.wroteRaw)
    const entry = record(tx, { ...passage, output, summary, state: 'done', undoable })
    return { output, entry, summary }
  })
  environment.announce([...topics], done.entry)
  return { status: 'done', ...done }
}

/** Work outside the data: journalled as begun, run with no transaction open, journalled as done or failed. */
async function external(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, input, approval } = passage
  const { storage } = environment
  const entry = await storage.write(action.id, (tx) => {
    if (approval !== undefined) claim(tx, action, input, approval)
    return record(tx, { ...passage, summary: action.title, state: 'begun', undoable: false })
  })
  const context: ExternalContext = {
    ...readContext(environment, passage),
    commit: async (work) => {
      const topics = new Set([action.plugin])
      const result = await storage.write(action.id, async (tx) => {
        const result = await work(writeContext(environment, passage, tx))
        for (const change of tx.changes) topics.add(change.table)
        recordChanges(tx, entry, [...tx.changes])
        return result
      })
      environment.announce([...topics])
      return result
    },
  }
  try {
    const output = await perform(passage, context)
    const summary = summarize(action, input, output)
    await storage.write(action.id, (tx) =>
      tx.table(entries).update(entry, {
        state: 'done',
        summary,
        output: JSON.stringify(output) ?? '',
        undoable: action.undo !== undefined,
      }),
    )
    environment.announce([action.plugin], entry)
    return { status: 'done', output, entry, summary }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown)
    await storage.write(action.id, (tx) => tx.table(entries).update(entry, { state: 'failed', error }))
    environment.announce([action.plugin])
    throw thrown
  }
}

/** Nothing is done yet: the user gets a card that names the record. What would be refused is refused now. */
async function card(environment: CallEnvironment, passage: Passage): Promise<Outcome> {
  const { action, input, actor, turn } = passage
  const messages = action.check?.(input, readContext(environment, passage))
  if (messages) return { status: 'invalid', messages }
  const approval = await environment.storage.write('ask', (tx) => ask(tx, action, input, actor, turn))
  environment.announce(['localapp_approval'])
  return { status: 'approval', approval: approval.id, title: approval.title }
}

async function perform(passage: Passage, context: ReadContext): Promise<unknown> {
  const messages = passage.action.check?.(passage.input, context)
  if (messages) throw new InvalidInput(messages)
  // The context was made for this action's effect just above.
  return await passage.action.run(passage.input, context as ExternalContext & WriteContext)
}

/** The passage of an action that another one calls: same actor, turn and grant; its own input. */
function inner(environment: CallEnvironment, passage: Passage, id: string, raw: unknown): Passage {
  const action = environment.get(id)
  if (!action) throw unknownAction(id)
  const decoded = decodeFields(action.input, raw, 'json')
  if (!decoded.ok) throw new InvalidInput(decoded.messages)
  if (action.userOnly && !passage.granted) throw userOnly(action)
  if (needsApproval(action, passage.granted)) {
    throw localappError(
      'LOCALAPP_FORBIDDEN',
      `“${passage.action.id}” calls “${id}”, which needs the user's word.`,
      `Call “${id}” by itself, so that the user is asked.`,
    )
  }
  return { ...passage, action, input: decoded.value, approval: undefined }
}

function readContext(environment: CallEnvironment, passage: Passage): ReadContext {
  const { actor, turn, signal } = passage
  return {
    db: environment.storage.db,
    actor,
    turn,
    signal,
    table: (table) => environment.storage.reader(table),
    call: async (id, raw) => {
      const next = inner(environment, passage, id, raw)
      if (passage.action.effect === 'read' && next.action.effect !== 'read') {
        throw localappError(
          'LOCALAPP_DECLARATION',
          `“${passage.action.id}” is declared as a read, and called “${id}”, which changes things.`,
          `Declare “${passage.action.id}” with the effect “${next.action.effect}”.`,
        )
      }
      const outcome = await pass(environment, next)
      return outcome.status === 'done' ? outcome.output : undefined
    },
  }
}

function writeContext(environment: CallEnvironment, passage: Passage, tx: Transaction): WriteContext {
  const context: WriteContext = {
    actor: passage.actor,
    turn: passage.turn,
    signal: passage.signal,
    get db() {
      return tx.db
    },
    get tx() {
      return tx.db
    },
    table: (table) => tx.table(table),
    restore: (change) => tx.restore(change),
    call: async (id, raw) => {
      const next = inner(environment, passage, id, raw)
      if (next.action.effect === 'external') {
        throw localappError(
          'LOCALAPP_TRANSACTION',
          `“${id}” works outside the data, and was called inside a transaction.`,
          'Call it from an external action, outside commit().',
        )
      }
      return await perform(next, writeContext(environment, next, tx))
    },
  }
  return context
}

function isUser(actor: Actor, confirmed = false): boolean {
  return actor.kind === 'user' || actor.kind === 'plugin' || (actor.kind === 'cli' && confirmed)
}

function summarize(action: Action, input: Row<Fields>, output: unknown): string {
  return action.summary?.(input, output) ?? action.title
}

function unknownAction(id: string): LocalappError {
  return localappError(
    'LOCALAPP_ACTION_UNKNOWN',
    `There is no action “${id}”.`,
    '“localapp call” lists all actions.',
  )
}

function userOnly(action: Action): LocalappError {
  return localappError(
    'LOCALAPP_FORBIDDEN',
    `“${action.title}” is for the user alone.`,
    'Do it on the page, or add --yes at a command line.',
  )
}

const never = new AbortController().signal
