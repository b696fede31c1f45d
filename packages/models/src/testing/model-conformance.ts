import {
  type ChatRequest,
  type Model,
  ModelError,
  type ModelErrorCode,
  type ModelEvent,
  type ToolCall,
} from '../model.ts'

/** What an adapter is held to. */
export type ModelBehaviour =
  | 'streams'
  | 'thinks'
  | 'calls'
  | 'forced call'
  | 'structured'
  | 'stops'
  | 'offline'
  | 'no model'
  | 'no tools'
  | 'overflow'
  | 'garbage'
  | 'silence'
  | 'error in the stream'
  | 'break in the stream'

/** Where a behaviour is tried: a model, put where it meets what it is about. */
export interface ModelStage {
  readonly model: Model
  /** What is asked. Default: {@link conformanceRequests}. */
  readonly request?: ChatRequest
  /** The call that the model makes. Default: {@link conformanceCall}. */
  readonly call?: ToolCall
  close?(): Promise<void>
}

/** What became of the trial of an adapter. */
export interface ModelConformance {
  readonly tried: readonly ModelBehaviour[]
  /** A sentence for whatever did not hold, with the behaviour before it: empty when the adapter keeps them all. */
  readonly failures: readonly string[]
}

const tool = {
  name: 'todo_create',
  description: 'Adds a task.',
  parameters: {
    type: 'object',
    properties: { title: { type: 'string' } },
    required: ['title'],
    additionalProperties: false,
  },
}
const messages = [{ role: 'user', content: 'Add a task: Buy milk' }] as const
const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }] }
const forced = {
  oneOf: [
    {
      type: 'object',
      properties: { tool: { const: tool.name }, args: tool.parameters },
      required: ['tool', 'args'],
    },
    {
      type: 'object',
      properties: { tool: { const: 'todo_list' }, args: { type: 'object', properties: {} } },
      required: ['tool', 'args'],
    },
  ],
}
const structured = {
  type: 'object',
  properties: { title: { type: 'string', maxLength: 20 }, size: { type: 'integer' } },
  required: ['title', 'size'],
  additionalProperties: false,
}

/** What a model is asked where its stage says nothing else. */
export const conformanceRequests: Readonly<Record<'hello' | 'call' | 'forced' | 'structured', ChatRequest>> =
  {
    hello,
    call: { messages, tools: [tool] },
    forced: { messages, schema: forced },
    structured: { messages, schema: structured },
  }

/** The call that answers `conformanceRequests.call`. */
export const conformanceCall: ToolCall = { tool: tool.name, args: { title: 'Buy milk' } }

type Fail = (sentence: string) => void
type Trial = (stage: ModelStage, fail: Fail) => Promise<void>

/** What comes of a request: the events up to the end, or to what was thrown. */
interface Answer {
  readonly events: readonly ModelEvent[]
  readonly thrown: unknown
}

/**
 * Holds an adapter against what the assistant relies on: answers stream and end once, thinking comes apart, calls come
 * whole, a schema is kept, tokens are counted, an answer stops at any moment and the next one comes, and whatever goes wrong is
 * a {@link ModelError} of the right code. Each stage sets up one behaviour; those that an adapter cannot have are left out.
 *
 * @example
 * ```ts
 * const { failures } = await modelConformance({
 *   streams: async () => ({ model: scripted([{ text: 'Good day to you' }]) }),
 * })
 * ```
 */
export async function modelConformance(
  stages: Readonly<Partial<Record<ModelBehaviour, () => Promise<ModelStage>>>>,
): Promise<ModelConformance> {
  const failures: string[] = []
  const tried: ModelBehaviour[] = []
  for (const [name, open] of Object.entries(stages)) {
    const behaviour = name as ModelBehaviour
    const stage = await open()
    tried.push(behaviour)
    const fail: Fail = (sentence) => failures.push(`${behaviour}: ${sentence}`)
    try {
      await trials[behaviour](stage, fail)
    } catch (thrown) {
      fail(`threw ${describe(thrown)}`)
    } finally {
      await stage.close?.()
    }
  }
  return { tried, failures }
}

const trials: Readonly<Record<ModelBehaviour, Trial>> = {
  async streams({ model, request = hello }, fail) {
    const events = whole(await ask(model, request), fail)
    if (events.filter(({ type }) => type === 'text').length < 2) fail('the text came in one piece')
    const info = await model.info()
    if (info.model === '' || !(info.contextTokens > 0)) fail('info() does not say what answers')
  },

  async thinks({ model, request = hello }, fail) {
    const events = whole(await ask(model, request), fail)
    const thinking = textOf(events, 'thinking')
    if (events[0]?.type !== 'thinking') fail('no thinking came before the text')
    if (textOf(events) === '') fail('nothing was said after thinking')
    if (thinking !== '' && textOf(events).includes(thinking)) fail('the text repeats the thinking')
  },

  async calls({ model, request = conformanceRequests.call, call = conformanceCall }, fail) {
    const events = whole(await ask(model, request), fail)
    const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event] : []))
    const [first] = calls
    if (calls.length !== 1 || !first) fail(`${calls.length} calls came, not one`)
    else if (first.tool !== call.tool || JSON.stringify(first.args) !== JSON.stringify(call.args))
      fail(`the call was ${JSON.stringify(first)}`)
  },

  async 'forced call'({ model, request = conformanceRequests.forced }, fail) {
    const value = jsonOf(whole(await ask(model, request), fail))
    const isCall = ['todo_create', 'todo_list'].includes(String(value.tool)) && value.args instanceof Object
    if (!isCall) fail(`${JSON.stringify(value)} is none of the calls`)
  },

  async structured({ model, request = conformanceRequests.structured }, fail) {
    const { title, size } = jsonOf(whole(await ask(model, request), fail))
    if (typeof title !== 'string' || !Number.isInteger(size)) fail('the answer does not keep to the schema')
  },

  async stops({ model, request = hello }, fail) {
    const moments: [string, (stop: AbortController) => (() => void) | undefined][] = [
      ['before it began', (stop) => void stop.abort()],
      ['at once', (stop) => void queueMicrotask(() => stop.abort())],
      ['after 1 ms', (stop) => void setTimeout(() => stop.abort(), 1)],
      ['after 5 ms', (stop) => void setTimeout(() => stop.abort(), 5)],
      ['after 30 ms', (stop) => void setTimeout(() => stop.abort(), 30)],
      ['at its first piece', (stop) => () => stop.abort()],
    ]
    for (const [moment, begin] of moments) {
      const stop = new AbortController()
      const { thrown } = await ask(model, { ...request, signal: stop.signal }, begin(stop))
      if (codeOf(thrown) !== 'aborted') fail(`stopped ${moment}, it threw ${describe(thrown)}`)
    }
    for await (const { type } of model.chat(request)) if (type === 'text') break
    // A next one is begun, and not kept waiting by those before it.
    let begun = false
    for await (const { type } of model.chat({ ...request, signal: AbortSignal.timeout(10_000) })) {
      begun = type === 'text'
      if (begun) break
    }
    if (!begun) fail('after that, no answer came')
  },

  offline: fails('offline', true),
  'no model': fails('no-model', true),

  async 'no tools'({ model, request = conformanceRequests.call }, fail) {
    const { thrown } = await ask(model, request)
    if (codeOf(thrown) !== 'unsupported') fail(`with tools it threw ${describe(thrown)}`)
    whole(await ask(model, { messages: request.messages }), fail)
  },

  overflow: fails('overflow'),
  garbage: fails('bad-output'),
  silence: fails('timeout'),
  'error in the stream': failsAfterText,
  'break in the stream': failsAfterText,
}

function fails(code: ModelErrorCode, info = false): Trial {
  return async ({ model, request = hello }, fail) => {
    const { thrown } = await ask(model, request)
    if (codeOf(thrown) !== code) fail(`chat() threw ${describe(thrown)}`)
    else if ((thrown as ModelError).fix === '') fail('the error does not say what to do')
    if (!info) return
    const said = await model.info().catch((each) => each)
    if (codeOf(said) !== code) fail(`info() came to ${describe(said)}`)
  }
}

async function failsAfterText({ model, request = hello }: ModelStage, fail: Fail): Promise<void> {
  const { events, thrown } = await ask(model, request)
  if (textOf(events) === '') fail('the text before it was lost')
  if (codeOf(thrown) !== 'failed') fail(`it threw ${describe(thrown)}`)
}

async function ask(model: Model, request: ChatRequest, atText?: () => void): Promise<Answer> {
  const events: ModelEvent[] = []
  try {
    for await (const event of model.chat(request)) {
      events.push(event)
      if (event.type === 'text') atText?.()
    }
    return { events, thrown: undefined }
  } catch (thrown) {
    return { events, thrown }
  }
}

/** The events of an answer that came to its end, exactly once and last, with what it took. */
function whole({ events, thrown }: Answer, fail: Fail): readonly ModelEvent[] {
  if (thrown !== undefined) throw thrown
  const last = events.at(-1)
  if (last?.type !== 'done' || events.filter(({ type }) => type === 'done').length !== 1)
    fail('it did not end exactly once')
  else if (last.reason !== 'stop') fail('it was cut')
  else if (!(last.usage.prompt > 0 && last.usage.output > 0)) fail('the tokens were not counted')
  return events
}

function textOf(events: readonly ModelEvent[], type: 'text' | 'thinking' = 'text'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('')
}

function jsonOf(events: readonly ModelEvent[]): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(textOf(events)))
}

function codeOf(thrown: unknown): ModelErrorCode | undefined {
  return thrown instanceof ModelError ? thrown.code : undefined
}

function describe(thrown: unknown): string {
  if (thrown === undefined) return 'nothing'
  if (thrown instanceof ModelError) return `${thrown.code}: ${thrown.message}`
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : JSON.stringify(thrown)
}
