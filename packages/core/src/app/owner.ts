import { setTimeout as sleep } from 'node:timers/promises'
import type { OwningServer } from '../command/session.ts'
import { localappError } from '../error/error.ts'
import { type Owner, own, readOwner } from '../storage/ownership.ts'
import type { ResolvedOptions } from './options.ts'

/** Waits for the workspace while another process uses it for its moment; a server keeps it. */
export async function ownSoon({ data, workspace }: ResolvedOptions): Promise<Owner | OwningServer> {
  const patience = Date.now() + 30_000
  for (;;) {
    const owner = own(data, workspace)
    if (owner) return owner
    const { pid, port, key } = readOwner(data, workspace) ?? {}
    if (port !== undefined && key !== undefined) return { port, key }
    if (Date.now() > patience) {
      const what = `Another process (${pid ?? 'unknown'}) has used this data for 30 s.`
      throw localappError('LOCALAPP_DATA_BUSY', what, 'Stop it, or choose another folder with --data.')
    }
    await sleep(10 + Math.random() * 20)
  }
}
