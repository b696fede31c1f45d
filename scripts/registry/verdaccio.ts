import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { run } from './command.ts'

/** A registry of npm packages on this machine: verdaccio. */
export interface LocalRegistry {
  readonly url: string
  /** A `.npmrc` that names it, with a token, without which nobody publishes. */
  readonly npmrc: string
  close(): void
}

/** Takes what is ours from whoever publishes it, and fetches all else from the registry behind. */
const config = (behind: string): string => `
storage: ./storage
auth: { htpasswd: { file: ./htpasswd } }
uplinks:
  behind: { url: ${JSON.stringify(behind)}, maxage: 1h, timeout: 60s, max_fails: 10 }
packages:
  '@localapp/*': { access: $all, publish: $all }
  '*localapp*': { access: $all, publish: $all }
  '**': { access: $all, proxy: behind }
max_body_size: 20mb
log: { type: stdout, format: pretty, level: error }
`

const manifest = {
  private: true,
  dependencies: { verdaccio: '6.10.4' },
  overrides: { 'node-fetch': '2.7.0' },
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Installs verdaccio into a folder and serves it on a free port. */
export async function openRegistry(folder: string, behind: string): Promise<LocalRegistry> {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'config.yaml'), config(behind))
  await run(folder, process.env, 'npm', 'install', '--no-audit', '--no-fund', '--silent')
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const script = join(folder, 'node_modules/verdaccio/bin/verdaccio')
  const server = spawn(execPath, [script, '--config', join(folder, 'config.yaml'), '--listen', host])
  let said = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (text) => {
      said += text
    })
  const isUp = async (): Promise<boolean> => {
    if (server.exitCode !== null) throw new Error(`verdaccio has ended:\n${said}`)
    return await fetch(`http://${host}/-/ping`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  while (!(await isUp())) await setTimeout(100)
  const npmrc = join(folder, 'npmrc')
  writeFileSync(npmrc, `registry=http://${host}/\n//${host}/:_authToken=nobody\n`)
  return { url: `http://${host}/`, npmrc, close: () => server.kill() }
}
