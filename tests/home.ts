import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

const app = fileURLToPath(new URL('../examples/home/app.ts', import.meta.url))

/** What a process left behind. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A new, empty folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Runs the command line of the example app as a user does: another process, here without a terminal. */
export function home(data: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(execPath, ['--conditions=@localapp/source', app, ...args, '--data', data])
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

/** Waits for the end of a process that is given its standard input. */
export async function ended(child: ChildProcessWithoutNullStreams, input = ''): Promise<Ended> {
  child.stdin.end(input)
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { code, out, err }
}

/** Starts the example app's server and waits for the address that it prints. */
export async function started(
  data: string,
  ...args: string[]
): Promise<{ server: ChildProcessWithoutNullStreams; url: string }> {
  const server = home(data, 'start', '--no-open', '--port', '0', ...args)
  const [printed] = await once(server.stdout, 'data')
  expect(String(printed)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}\n$/)
  return { server, url: String(printed).trim() }
}
