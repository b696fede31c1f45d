import { setTimeout as sleep } from 'node:timers/promises'
import type { Messages, Outcome } from '../action/action.ts'
import { type ErrorCode, isLocalappError, localappError } from '../error/error.ts'
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

/** Sends a request to the server that owns the data. */
export type Server = (path: string, input: unknown, confirmed: boolean) => Promise<Response>

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
      if (await server('/-/token', {}, false).catch(() => undefined)) return server
      await sleep(50)
    }
  }
}

/** A way to call actions: here, or in the server that owns the data. */
export async function connect(app: CommandedApp, confirmed: boolean): Promise<CommandContext['call']> {
  const server = await openOrFind(app)
  return async (id, input) =>
    server
      ? await outcomeOf(await server(pathOf(id), input, confirmed))
      : await app.actions.call(id, input, { actor: { kind: 'cli' }, confirmed })
}

function serverAt(port: number, key: string): Server {
  return async (path, input, confirmed) =>
    await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'localapp-command-line': confirmed ? 'confirmed' : 'unconfirmed',
      },
      body: JSON.stringify(input),
    })
}

function pathOf(id: string): string {
  const [plugin = '', name = ''] = id.split('.', 2).map(encodeURIComponent)
  return `/api/${plugin}/${name || '-'}`
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const body = (await response.json()) as {
    output: unknown
    messages: Messages
    approval: number
    title: string
    error: { code: ErrorCode; message: string; fix: string }
  }
  if (response.status === 422) return { status: 'invalid', messages: body.messages }
  if (response.status === 202) return { status: 'approval', approval: body.approval, title: body.title }
  if (response.ok) return { status: 'done', ...body }
  const { code, message, fix } = body.error
  return { status: 'failed', error: localappError(code, message, fix) }
}
