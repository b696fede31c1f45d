/** What a message may ask with. */
export type Params = Readonly<Record<string, unknown>>

/** A message that asks for something: without an id it wants no answer. */
export interface Message {
  readonly method: string
  readonly id: unknown
  readonly params: Params
}

/** The codes of JSON-RPC, and that of MCP for a resource. */
const codes = {
  notJson: -32700,
  badMessage: -32600,
  noMethod: -32601,
  badParams: -32602,
  failed: -32603,
  noResource: -32002,
}

/** Why a message is refused, in a sentence. */
export class Refusal extends Error {
  readonly code: number

  constructor(why: keyof typeof codes, message: string) {
    super(message)
    this.code = codes[why]
  }
}

/** The longest message: 1 MiB. */
export const maxLength: number = 1024 * 1024

/** Reads a message; undefined where it answers what nobody asked. Throws a {@link Refusal}. */
export function parseMessage(text: string): Message | undefined {
  if (text.length > maxLength) throw new Refusal('badMessage', 'A message has at most 1 MiB.')
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (error) {
    throw new Refusal('notJson', `This is not JSON: ${error}.`)
  }
  const { jsonrpc, id, method, params = {}, result, error = result } = isObject(given) ? given : {}
  if (method === undefined && error !== undefined) return undefined
  const isId = id === undefined || typeof id === 'string' || Number.isSafeInteger(id)
  if (!isId || jsonrpc !== '2.0' || typeof method !== 'string' || !isObject(params))
    throw new Refusal('badMessage', 'Send an object with "jsonrpc": "2.0", a method, params and an id.')
  return { method, params, id }
}

/** Answers with what was thrown; what was not meant as a refusal has failed. */
export function refusalAnswer(thrown: unknown, id?: unknown): object {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return {
    jsonrpc: '2.0',
    id,
    error: { code: thrown instanceof Refusal ? thrown.code : codes.failed, message },
  }
}

export function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
