import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor, Outcome } from '../action/action.ts'
import { isLocalappError, localappError } from '../error/error.ts'
import type { PluginSource } from '../plugin/find.ts'
import type { HostedPlugin } from '../plugin/host.ts'
import type { Actions, CommandContext } from '../plugin/plugin.ts'
import { readOwner } from '../storage/ownership.ts'

/** An app as its command line sees it. */
export interface CommandedApp {
  readonly options: {
    readonly plugins: readonly PluginSource[]
    readonly root: string
    readonly data: string
    readonly workspace: string
  }
  readonly actions: Actions
  /** What became of the plugins; none before the app is open. */
  readonly plugins: readonly HostedPlugin[]
  open(): Promise<void>
  serve(options: { port?: number }): Promise<{ url: string }>
  close(): Promise<void>
}

/** Asks the server that owns the data, in another process. */
export type Server = <T>(what: 'call' | 'entrance', body?: object) => Promise<T>

/** Opens the data for this process, or finds the server that owns it already. */
export async function openOrFind(app: CommandedApp): Promise<Server | undefined> {
  for (;;) {
    try {
      await app.open()
      return undefined
    } catch (error) {
      const owner = readOwner(app.options.data, app.options.workspace)
      const isBusy = isLocalappError(error) && error.code === 'LOCALAPP_DATA_BUSY'
      if (!isBusy || owner?.port === undefined) throw error
      const server = serverAt(owner.port, owner.key)
      // One that is about to end has closed its port and keeps the data for one moment more.
      if (await server('entrance').catch(() => undefined)) return server
      await sleep(50)
    }
  }
}

/** A way to call actions: here, or in the server that owns the data. */
export async function connect(app: CommandedApp, confirmed: boolean): Promise<CommandContext['call']> {
  const server = await openOrFind(app)
  return async (id, input) => {
    if (!server) return await app.actions.call(id, input, { actor: { kind: 'cli' }, confirmed })
    const outcome = await server<Outcome>('call', { id, input, confirmed })
    if (outcome.status !== 'failed') return outcome
    const { code, message, fix } = outcome.error
    return { status: 'failed', error: localappError(code, message, fix) }
  }
}

function serverAt(port: number, key: string): Server {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async <T>(what: string, body = {}) => {
    const request = { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await fetch(`http://127.0.0.1:${port}/-/command-line/${what}`, request)
    return (await response.json()) as T
  }
}

/** Answers the command lines of other processes. */
export function routeCommandLine(
  fastify: FastifyInstance,
  caller: (request: FastifyRequest) => { actor: Actor },
  actions: Actions,
  entrance: () => Promise<{ url: string }>,
): void {
  fastify.post<{ Params: { what: string } }>('/-/command-line/:what', async (request, reply) => {
    if (caller(request).actor.kind !== 'program') return reply.code(403).send()
    if (request.params.what === 'entrance') return await entrance()
    const { id, input, confirmed } = JSON.parse(String(request.body))
    return await actions.call(id, input, { actor: { kind: 'cli' }, confirmed })
  })
}
