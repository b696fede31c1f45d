import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { root } from '../scripts/root.ts'

/** An app in a folder of its own and a process of its own, whose files a test changes while it runs. */
export interface FolderApp {
  /** Lets one browser in. */
  readonly url: string
  /** What it has said on standard error. */
  said(): string
  /** Writes a file; the path starts from the folder of plugins. */
  save(file: string, content: string): void
  /** Deletes a file. */
  remove(file: string): void
  /** Asks as a program with the key of the app. */
  ask(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly text: string }>
  /** Calls an action. */
  call(action: string, input?: object): Promise<{ readonly status: number; readonly text: string }>
  /** Opens the stream of events. */
  events(): Promise<ReadableStreamDefaultReader<Uint8Array>>
  close(): Promise<void>
}

/** Writes the files, starts the app and waits until it serves. */
export async function folderApp(
  app: string,
  plugins: Readonly<Record<string, string>>,
  ...nodeOptions: string[]
): Promise<FolderApp> {
  // Here the packages are found as an app of a user's finds them.
  const folder = mkdtempSync(join(root, 'examples/home/folder-'))
  const save = (file: string, content: string): void => {
    const path = join(folder, 'plugins', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  writeFileSync(join(folder, 'app.ts'), app)
  for (const [file, content] of Object.entries(plugins)) save(file, content)
  const args = [...nodeOptions, '--conditions=@localapp/source', join(folder, 'app.ts'), 'start', '--no-open']
  const server = spawn(execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  server.stderr.on('data', (chunk) => {
    said += chunk
  })
  const [url] = await Promise.race([
    once(server.stdout, 'data'),
    text(server.stdout).then(() => Promise.reject(new Error(`The app ended: ${said}`))),
  ])
  const { port, key } = JSON.parse(readFileSync(join(folder, 'data/home.lock'), 'utf8'))
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const ask: FolderApp['ask'] = async (path, init = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })
    return { status: answer.status, text: await answer.text() }
  }
  return {
    url: String(url).trim(),
    said: () => said,
    save,
    remove: (file) => rmSync(join(folder, 'plugins', file), { force: true }),
    ask,
    call: (action, input = {}) =>
      ask(`/api/${action.replace('.', '/')}`, { method: 'POST', body: JSON.stringify(input) }),
    async events() {
      const { body } = await fetch(`http://127.0.0.1:${port}/-/events`, { headers })
      if (!body) throw new Error('There is no stream.')
      return body.getReader()
    },
    async close() {
      if (server.exitCode === null) {
        server.kill()
        await once(server, 'exit')
      }
      rmSync(folder, { recursive: true })
    },
  }
}
