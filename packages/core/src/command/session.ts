import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../action/action.ts'
import { type ErrorCode, errorCodes, isLocalappError, localappError } from '../error/error.ts'
import type { HostedPlugin } from '../plugin/host.ts'
import type { Actions, Command } from '../plugin/plugin.ts'
import { readOwner } from '../storage/ownership.ts'

/** What the command line can be told about the app. */
export interface CommandOptions {
  readonly title: string
  readonly data: string
  readonly workspace: string
  readonly port: number
}

/** An app whose data this process has open. */
export interface OpenApp {
  readonly actions: Actions
  readonly host: { readonly all: readonly HostedPlugin[] }
}

/** An app that can be opened. */
export interface OpenableApp {
  open(): Promise<OpenApp>
  serve(): Promise<{ url: string; port: number }>
  /** The commands of the app's plugins, without opening the data. */
  commands(): Promise<readonly Command[]>
  close(): Promise<void>
}

/** A way to call actions: here, or in the server that owns the data. */
export interface Session {
  /** `confirmed`: the user has said yes, so that nothing waits for an approval. */
  call(id: string, input: unknown, confirmed: boolean): Promise<Outcome>
  commands(): Promise<readonly Command[]>
  close(): Promise<void>
}

/** Opens the data for a moment, or finds the server that owns it. */
export async function connect(app: OpenableApp, options: CommandOptions): Promise<Session> {
  for (;;) {
    try {
      const { actions, host } = await app.open()
      return {
        call: (id, input, confirmed) => actions.call(id, input, { actor: { kind: 'cli' }, confirmed }),
        commands: async () => host.all.flatMap(({ contribution }) => contribution?.commands ?? []),
        close: () => app.close(),
      }
    } catch (error) {
      if (!isLocalappError(error) || error.code !== 'LOCALAPP_DATA_BUSY') throw error
      const server = findServer(options)
      if (!server) throw error
      if (await isUp(server)) {
        return {
          call: (id, input, confirmed) => callServer(server, id, input, confirmed),
          commands: () => app.commands(),
          close: async () => {},
        }
      }
      await sleep(50)
    }
  }
}

/** A server that owns the data, and the key to it. */
export interface Server {
  readonly origin: string
  readonly key: string
}

/** Reads the lock file. */
export function findServer({ data, workspace }: CommandOptions): Server | undefined {
  const owner = readOwner(data, workspace)
  return owner?.port === undefined ? undefined : { origin: `http://127.0.0.1:${owner.port}`, key: owner.key }
}

/** Asks a server for an address that lets one more browser in. */
export async function askEntrance(server: Server): Promise<string> {
  const response = await request(server, '/-/token', {}, false)
  const { url } = (await response.json()) as { url: string }
  return url
}

async function isUp({ origin, key }: Server): Promise<boolean> {
  try {
    return (await fetch(`${origin}/-/health`, { headers: { authorization: `Bearer ${key}` } })).ok
  } catch {
    return false
  }
}

async function callServer(server: Server, id: string, input: unknown, confirmed: boolean): Promise<Outcome> {
  const response = await request(server, `/api/${id.replace('.', '/')}`, input, confirmed)
  const body = (await response.json()) as Record<string, never>
  if (response.status === 422) return { status: 'invalid', messages: body.messages ?? {} }
  if (response.status === 202)
    return { status: 'approval', approval: body.approval ?? 0, title: body.title ?? id }
  if (response.ok) return { status: 'done', ...(body as object), output: body.output }
  const { code, message, fix } = body.error ?? {
    code: 'LOCALAPP_ACTION_FAILED',
    message: `The server answered ${response.status}.`,
    fix: 'Look at its terminal.',
  }
  return {
    status: 'failed',
    error: localappError(code in errorCodes ? (code as ErrorCode) : 'LOCALAPP_ACTION_FAILED', message, fix),
  }
}

async function request(
  { origin, key }: Server,
  path: string,
  input: unknown,
  confirmed: boolean,
): Promise<Response> {
  return await fetch(`${origin}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'localapp-command-line': confirmed ? 'confirmed' : 'unconfirmed',
    },
    body: JSON.stringify(input),
  })
}
