import { randomUUID } from 'node:crypto'
import { asLocalappError, localappError, report } from '../error/error.ts'
import { decodeFields } from '../field/decode.ts'
import type { Source } from '../field/field.ts'
import type { OpenTransaction, Storage, Transaction } from '../storage/storage.ts'
import {
  type Action,
  type Actor,
  type ExternalContext,
  InvalidInput,
  type Outcome,
  type ReadContext,
  type WriteContext,
} from './action.ts'
import { approvalTopic, ask, claim, type Deed, entries, record } from './journal.ts'

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
}

interface Passage extends CallEnvironment, Deed {
  readonly signal: AbortSignal
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
    const passage = admit({ ...environment, actor, turn, signal, approval, granted }, id, raw, source)
    return needsApproval(passage) ? await card(passage) : { status: 'done', ...(await run(passage)) }
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { status: 'invalid', messages: thrown.messages }
    const { title = id, effect } = environment.get(id) ?? {}
    const outside = effect === 'external' ? 'What it did outside the data stands.' : 'Nothing was changed.'
    const fix = `${outside} The terminal that runs the app shows where it happened.`
    const error = asLocalappError(thrown, 'LOCALAPP_ACTION_FAILED', `“${title}” failed`, fix)
    if (error !== thrown) report(`The action “${id}” threw:`, thrown)
    return { status: 'failed', error }
  }
}

/** Decodes the input of an action that `caller` may call. */
function admit(
  caller: Omit<Passage, 'action' | 'input'>,
  id: string,
  raw: unknown,
  source: Source = 'json',
): Passage {
  const action = caller.get(id)
  if (!action) {
    const fix = '“localapp call” lists all actions.'
    throw localappError('LOCALAPP_ACTION_UNKNOWN', `There is no action “${id}”.`, fix)
  }
  const decoded = decodeFields(action.input, raw, source)
  if (!decoded.ok) throw new InvalidInput(decoded.messages)
  if (action.userOnly && !caller.granted) {
    const fix = 'Do it on the page, or add --yes at a command line.'
    throw localappError('LOCALAPP_FORBIDDEN', `“${action.title}” is for the user alone.`, fix)
  }
  return { ...caller, action, input: decoded.value }
}

function needsApproval({ action, granted }: Passage) {
  return !granted && (action.effect === 'destructive' || action.effect === 'external')
}

/** Nothing is done yet: the user gets a card that names the record. What would be refused is refused now. */
async function card(passage: Passage): Promise<Outcome> {
  const { storage, announce } = passage
  check(passage, readContext(passage))
  const { id, summary } = await storage.write('ask', (tx) => ask(tx, passage))
  announce([approvalTopic, entries.name])
  return { status: 'approval', approval: id, title: summary }
}

type Done = Omit<Extract<Outcome, { status: 'done' }>, 'status'>

async function run(passage: Passage): Promise<Done> {
  const { effect } = passage.action
  if (effect === 'external') return await external(passage)
  if (effect !== 'read') return await write(passage)
  return { output: await perform(passage, readContext(passage)) }
}

/** A change: run, journal and commit together, or not at all. */
async function write(passage: Passage): Promise<Done> {
  const { storage, announce, action } = passage
  const work = async (tx: OpenTransaction) => {
    claim(tx, passage)
    return finish(tx, passage, await perform(passage, writeContext(passage, tx)))
  }
  const { topics, ...done } = await storage.write(action.id, work, action.limit)
  announce(topics, done.entry)
  return done
}

/** Work outside the data: journalled as begun, run with no transaction open, journalled as done or failed. */
async function external(passage: Passage): Promise<Done> {
  const { storage, announce, action } = passage
  const { id: approval } = await storage.write(action.id, (tx) => {
    claim(tx, passage)
    return record(tx, passage, { state: 'begun' })
  })
  const begun = { ...passage, approval }
  const context: ExternalContext = {
    ...readContext(passage),
    async commit(work) {
      const { result, topics } = await storage.write(action.id, async (tx) => {
        const result = await work(writeContext(passage, tx))
        return { result, ...record(tx, begun, { state: 'begun' }) }
      })
      announce(topics)
      return result
    },
  }
  try {
    const output = await perform(passage, context)
    const { topics, ...done } = await storage.write(action.id, (tx) => finish(tx, begun, output))
    announce(topics, done.entry)
    return done
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown)
    await storage.write(action.id, (tx) => record(tx, begun, { state: 'failed', error }))
    announce([action.plugin, entries.name])
    throw thrown
  }
}

function finish(tx: OpenTransaction, passage: Passage, output: unknown) {
  const { action, input } = passage
  const summary = action.summary?.(input, output) ?? action.title
  const { id: entry, topics } = record(tx, passage, { state: 'done', output, summary })
  return { output, entry, summary, topics }
}

function check({ action, input }: Passage, context: ReadContext) {
  const messages = action.check?.(input, context)
  if (messages) throw new InvalidInput(messages)
}

async function perform(passage: Passage, context: ReadContext): Promise<unknown> {
  check(passage, context)
  // A copy, so that the journal keeps what was asked whatever becomes of it here. The context is of this effect.
  const input = structuredClone(passage.input)
  return (await passage.action.run(input, context as ExternalContext & WriteContext)) ?? null
}

function readContext(passage: Passage): ReadContext {
  const { storage, actor, turn, signal } = passage
  return {
    db: storage.db,
    actor,
    turn,
    signal,
    table: (table) => storage.reader(table),
    call: async (id, raw) => (await run(inner(passage, id, raw))).output,
  }
}

function writeContext(passage: Passage, tx: Transaction): WriteContext {
  const { db, table, restore } = tx
  return {
    ...readContext(passage),
    db,
    tx: db,
    table,
    restore,
    async call(id, raw) {
      const next = inner(passage, id, raw)
      if (next.action.effect !== 'external') return await perform(next, writeContext(next, tx))
      throw localappError(
        'LOCALAPP_TRANSACTION',
        `“${id}” works outside the data, and was called inside a transaction.`,
        'Call it from an external action, outside commit().',
      )
    },
  }
}

/** The passage of an action that another one calls: same actor, turn and grant; its own input. */
function inner(passage: Passage, id: string, raw: unknown): Passage {
  const next = admit({ ...passage, approval: undefined }, id, raw)
  const { effect } = next.action
  const outer = passage.action
  if (needsApproval(next)) {
    const what = `“${outer.id}” calls “${id}”, which needs the user's word.`
    throw localappError('LOCALAPP_FORBIDDEN', what, `Call “${id}” by itself, so that the user is asked.`)
  }
  if (outer.effect === 'read' && effect !== 'read') {
    const what = `“${outer.id}” is declared as a read, and called “${id}”, which changes things.`
    throw localappError('LOCALAPP_DECLARATION', what, `Declare “${outer.id}” with the effect “${effect}”.`)
  }
  return next
}

const never = new AbortController().signal
