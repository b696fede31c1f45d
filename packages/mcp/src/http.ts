import { randomUUID } from 'node:crypto'
import type { PluginContext } from '@localapp/core'
import { maxLength, Refusal, refusalAnswer } from './message.ts'
import { type Answer, versions } from './protocol.ts'

function refuse(statusCode: number, message: string): never {
  throw Object.assign(new Refusal('badMessage', message), { statusCode })
}

/** MCP over Streamable HTTP at `/mcp`, each answer as JSON. */
export function routeHttp(fastify: PluginContext['fastify'], answer: Answer): void {
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: maxLength },
    (_request, body, done) => done(null, body),
  )
  fastify.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) =>
    reply
      .code(error.statusCode ?? 500)
      .header('allow', 'POST')
      .send(refusalAnswer(error)),
  )
  const onlyPost = (): never => refuse(405, 'Only POST is answered here.')
  fastify.delete('/mcp', onlyPost)
  fastify.addHook('onRequest', async ({ method, headers }) => {
    // A page stands there too; a client that wants a stream is told that there is none.
    if (method === 'GET' && headers.accept?.includes('text/event-stream')) onlyPost()
    if (method !== 'POST') return
    // The boundary has seen that a key is right; no web page belongs here.
    if (headers.authorization === undefined || headers.origin !== undefined)
      refuse(403, 'This is for MCP clients with a key.')
    const version = String(headers['mcp-protocol-version'] ?? versions[0])
    if (!versions.includes(version)) refuse(400, `“${version}” is not spoken, but ${versions.join(', ')}.`)
  })
  fastify.post('/mcp', async ({ body, headers }, reply) => {
    // It keeps the ids of clients apart and lets nobody in, so one of an earlier start is as good.
    const session = String(headers['mcp-session-id'] ?? randomUUID())
    const answered = await answer(String(body ?? ''), session)
    return reply
      .code(answered ? 200 : 202)
      .header('mcp-session-id', session)
      .send(answered)
  })
}
