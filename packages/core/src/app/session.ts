import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../action/action.ts'
import { localappError } from '../error/error.ts'
import type { CommandContext } from '../plugin/plugin.ts'
import { type Owner, own, readOwner, type Server } from '../storage/ownership.ts'
import type { OwnApp } from './app.ts'

/** Waits for a workspace while another process uses it for its moment; a server that answers keeps it. */
export async function ownOrFind(folder: string, workspace: string): Promise<Owner | Server> {
  const patience = Date.now() + 30_000
  for (;;) {
    const owner = own(folder, workspace)
    if (owner) return owner
    const other = readOwner(folder, workspace)
    // One that is about to end has closed its port and keeps the data for one moment more. No action is called “”.
    if (other?.port && (await ask(other, 'call', { id: '' }, 2000).catch(() => undefined))) return other
    if (Date.now() > patience) {
      const what = `Another process (${other?.pid ?? 'unknown'}) has used this data for 30 s.`
      throw localappError('LOCALAPP_DATA_BUSY', what, 'Stop it, or choose another folder with --data.')
    }
    await sleep(10 + Math.random() * 20)
  }
}

/** A way to call actions: here, or in the server that owns the data. Nothing is opened before the first call. */
export function connect(app: OwnApp, confirmed: boolean): CommandContext['call'] {
  let found: Promise<Server | undefined> | undefined
  return async (id, input) => {
    found ??= app.take()
    const server = await found
    if (!server) return await app.actions.call(id, input, { actor: { kind: 'cli' }, confirmed })
    const outcome = await ask<Outcome>(server, 'call', { id, input, confirmed }).catch((error) => {
      found = undefined // the next call may find it again
      throw error
    })
    if (outcome.status !== 'failed') return outcome
    const { code, message, fix } = outcome.error
    return { status: 'failed', error: localappError(code, message, fix) }
  }
}

/** Asks the server that owns the data; `patience` in milliseconds. */
export async function ask<T>(
  { port, key }: Server,
  what: 'call' | 'entrance',
  body = {},
  patience = 300_000,
): Promise<T> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const request = {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  }
  try {
    const response = await fetch(`http://127.0.0.1:${port}/-/command-line/${what}`, request)
    return (await response.json()) as T
  } catch (cause) {
    const fix = 'See whether it still runs; “localapp call journal.list” says what it has done.'
    throw localappError('LOCALAPP_COMMAND', 'The app that serves this data gave no answer.', fix, cause)
  }
}
