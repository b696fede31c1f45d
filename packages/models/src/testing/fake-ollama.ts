import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What Ollama's chat is asked, as it came over the wire. */
export interface FakeChat {
  readonly model: string
  readonly messages: readonly {
    readonly role: string
    readonly content: string
    readonly [key: string]: unknown
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly [key: string]: unknown
}

/**
 * A part of an answer: text, thinking, a call, an error in the stream, a pause of milliseconds or until a promise is
 * kept, bytes as they stand, silence until the client goes, a connection that breaks, or an end too soon.
 */
export type FakePart =
  | string
  | { readonly thinking: string }
  | { readonly tool: string; readonly args: unknown }
  | { readonly error: string; readonly status?: number }
  | { readonly wait: number }
  | PromiseLike<unknown>
  | { readonly raw: string }
  | 'hang'
  | 'break'
  | 'end'

/** Options of {@link fakeOllama}. */
export interface FakeOllamaOptions {
  /** What is installed, with what it can do. Default: `qwen3:4b` with tools. */
  readonly models?: Readonly<Record<string, readonly string[]>>
  /** Sends so many bytes at a time, so that lines and letters arrive in pieces. Default: a line at a time. */
  readonly chunkBytes?: number
  /** How many tokens it says that it read. Default: 11. */
  readonly promptTokens?: number
  /** Default: any free one. */
  readonly port?: number
}

/** A running server that speaks Ollama's wire format. */
export interface FakeOllama {
  readonly host: string
  /** Every chat that was asked, oldest first. */
  readonly chats: FakeChat[]
  /** How many answers the client did not wait for. */
  readonly aborted: number
  close(): Promise<void>
}

/**
 * Starts a server that answers as Ollama does; `reply` makes each answer from what was asked.
 * The texts `hang`, `break` and `end` are no text; a `status` on an error answers with it instead of a stream.
 *
 * @example
 * ```ts
 * const server = await fakeOllama(() => ['Hel', 'lo'])
 * const model = ollama('qwen3:4b', { host: server.host })
 * ```
 */
export async function fakeOllama(
  reply: (chat: FakeChat, index: number) => readonly FakePart[],
  {
    models = { 'qwen3:4b': ['completion', 'tools'] },
    chunkBytes,
    promptTokens = 11,
    port = 0,
  }: FakeOllamaOptions = {},
): Promise<FakeOllama> {
  const chats: FakeChat[] = []
  let aborted = 0
  const write = async (response: ServerResponse, value: object): Promise<void> => {
    const line = Buffer.from(`${JSON.stringify(value)}\n`)
    const size = chunkBytes ?? line.length
    for (let at = 0; at < line.length; at += size) {
      response.write(line.subarray(at, at + size))
      if (chunkBytes !== undefined) await sleep(1)
    }
  }
  const answer = async (chat: FakeChat, response: ServerResponse): Promise<void> => {
    const parts = reply(chat, chats.push(chat) - 1)
    response.on('close', () => {
      if (!response.writableFinished) aborted++
    })
    const head = { model: chat.model, created_at: new Date().toISOString() }
    for (const part of parts) {
      if (response.destroyed || part === 'hang') return
      if (part === 'break') return void response.destroy()
      if (part === 'end') return void response.end()
      if (typeof part === 'string')
        await write(response, { ...head, message: { role: 'assistant', content: part }, done: false })
      else if ('raw' in part) response.write(part.raw)
      else if ('then' in part) await part
      else if ('wait' in part) await sleep(part.wait)
      else if ('thinking' in part)
        await write(response, {
          ...head,
          message: { role: 'assistant', content: '', thinking: part.thinking },
          done: false,
        })
      else if ('tool' in part) {
        const call = { function: { name: part.tool, arguments: part.args } }
        await write(response, {
          ...head,
          message: { role: 'assistant', content: '', tool_calls: [call] },
          done: false,
        })
      } else if (part.status !== undefined) return json(response, { error: part.error }, part.status)
      else {
        await write(response, { error: part.error })
        response.end()
        return
      }
    }
    const counts = {
      prompt_eval_count: promptTokens,
      eval_count: parts.length,
      total_duration: 1,
      load_duration: 1,
    }
    await write(response, {
      ...head,
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'stop',
      ...counts,
    })
    response.end()
  }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const { model } = body
    const capabilities = models[String(model)]
    if (request.url === '/api/version') return json(response, { version: '0.12.6' })
    if (request.url === '/api/tags') {
      return json(response, {
        models: Object.keys(models).map((name) => ({ name, model: name, size: 1, ...remoteOf(name) })),
      })
    }
    if (!capabilities) return json(response, { error: `model '${model}' not found` }, 404)
    if (request.url === '/api/show') {
      return json(response, {
        capabilities,
        model_info: { 'qwen3.context_length': 40_960 },
        details: {},
        ...remoteOf(String(model)),
      })
    }
    response.setHeader('content-type', 'application/x-ndjson')
    return await answer(body as unknown as FakeChat, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chats,
    get aborted() {
      return aborted
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** As in Ollama, a model of its cloud is called `…cloud`. */
function remoteOf(name: string): object {
  return name.endsWith('cloud') ? { remote_host: 'https://ollama.com' } : {}
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
