import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A part of an answer: text, or what goes into the chunk; `hang`, `break` and `end` as in the fake Ollama. */
export type OpenaiPart =
  | string
  | { readonly delta: object }
  | { readonly raw: string }
  | { readonly wait: number }
  | { readonly refused: object | string; readonly status: number }
  | { readonly finish: string }
  | 'hang'
  | 'break'
  | 'end'

export interface FakeOpenai {
  readonly baseURL: string
  /** Every chat that was asked, with the headers it came with. */
  readonly chats: {
    readonly body: Readonly<Record<string, unknown>>
    readonly headers: IncomingMessage['headers']
  }[]
  /** How many answers the client did not wait for. */
  readonly aborted: number
  close(): Promise<void>
}

export interface FakeOpenaiOptions {
  /** As `GET /v1/models` tells them. */
  readonly models?: readonly object[]
  /** Sends so many bytes at a time. */
  readonly chunkBytes?: number
}

/** Starts a server that answers as llama-server, LM Studio and vLLM do. */
export async function fakeOpenai(
  reply: (body: Readonly<Record<string, unknown>>) => readonly OpenaiPart[],
  { models = [{ id: 'qwen3-4b', meta: { n_ctx: 4096 } }], chunkBytes }: FakeOpenaiOptions = {},
): Promise<FakeOpenai> {
  const chats: FakeOpenai['chats'] = []
  let aborted = 0
  const answer = async (parts: readonly OpenaiPart[], response: ServerResponse): Promise<void> => {
    const write = async (text: string): Promise<void> => {
      const bytes = Buffer.from(text)
      const size = chunkBytes ?? bytes.length
      for (let at = 0; at < bytes.length; at += size) {
        response.write(bytes.subarray(at, at + size))
        if (chunkBytes !== undefined) await sleep(1)
      }
    }
    const chunk = async (value: object): Promise<void> =>
      await write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', ...value })}\n\n`)
    let finish = 'stop'
    for (const part of parts) {
      if (response.destroyed || part === 'hang') return
      if (part === 'break') return void response.destroy()
      if (part === 'end') return void response.end()
      if (typeof part === 'string') await chunk({ choices: [{ index: 0, delta: { content: part } }] })
      else if ('delta' in part) await chunk({ choices: [{ index: 0, delta: part.delta }] })
      else if ('raw' in part) await write(part.raw)
      else if ('wait' in part) await sleep(part.wait)
      else if ('finish' in part) finish = part.finish
      else {
        const body = typeof part.refused === 'string' ? part.refused : JSON.stringify(part.refused)
        return void response.writeHead(part.status, { 'content-type': 'application/json' }).end(body)
      }
    }
    await chunk({ choices: [{ index: 0, delta: {}, finish_reason: finish }] })
    await chunk({ choices: [], usage: { prompt_tokens: 11, completion_tokens: parts.length } })
    await write('data: [DONE]\n\n')
    response.end()
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/v1/models') {
      response.writeHead(200, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ object: 'list', data: models }))
    }
    if (request.url !== '/v1/chat/completions') return void response.writeHead(404).end('Not Found')
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    chats.push({ body, headers: request.headers })
    response.on('close', () => {
      if (!response.writableFinished) aborted++
    })
    response.setHeader('content-type', 'text/event-stream')
    return await answer(reply(body), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
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
