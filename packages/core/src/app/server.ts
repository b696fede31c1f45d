import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { localappError } from '../error/error.ts'
import { routerOptions } from '../plugin/contribution.ts'
import type { PluginHost } from '../plugin/host.ts'
import type { Boundary } from '../server/boundary.ts'

// An import of it would load its WebSocket too, and 60 ms go.
const { createServer } = process.getBuiltinModule('node:http')

/** The one server of an app: the boundary before everything, then a plugin's routes or the app's own. */
export function makeServer(boundary: Boundary, host: PluginHost): FastifyInstance {
  return Fastify({
    routerOptions,
    forceCloseConnections: true,
    serverFactory: (own) =>
      createServer((request, response) => {
        const [, name = ''] = (request.url ?? '').split(/[/?]/, 2)
        if (!boundary.admit(request, response, name)) return
        const answer = host.find(name)?.fastify.routing ?? own
        answer(request, response)
      }),
  })
}

/** Listens on 127.0.0.1, if it does not yet; returns the port. Throws `LOCALAPP_PORT_IN_USE`. */
export async function listen(server: FastifyInstance, port: number): Promise<number> {
  try {
    if (!server.server.listening) await server.listen({ port, host: '127.0.0.1' })
  } catch (cause) {
    const what = `Port ${port} cannot be used: another program has it, or it is not yours to use.`
    const fix =
      'Choose another from 0 to 65535 with --port, where 0 takes a free one, or stop the other program.'
    throw localappError('LOCALAPP_PORT_IN_USE', what, fix, cause)
  }
  return (server.server.address() as AddressInfo).port
}
