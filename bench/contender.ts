import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { execPath } from 'node:process'

/** An answer of a server, with its size in bytes. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly bytes: number
}

/** A server in a process of its own. */
export class Contender {
  readonly name: string
  /** Milliseconds from nothing to its first list page. */
  readonly startUp: number
  readonly #child: ChildProcess
  readonly #origin: URL
  readonly #headers: Record<string, string>
  readonly #agent = new Agent({ keepAlive: true })

  private constructor(name: string, child: ChildProcess, origin: URL, cookie: string, begun: number) {
    this.name = name
    this.#child = child
    this.#origin = origin
    this.#headers = { cookie, origin: origin.origin, 'sec-fetch-site': 'same-origin' }
    this.startUp = begun
  }

  /** Starts a script, which prints its address, and fetches its first page. */
  static async start(name: string, script: string, ...args: string[]): Promise<Contender> {
    const begun = performance.now()
    const file = new URL(`servers/${script}`, import.meta.url).pathname
    const child = spawn(execPath, ['--conditions=@localapp/source', file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()))
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}.`)))
    })
    const url = new URL(address)
    let cookie = ''
    if (url.search !== '') {
      const entrance = await send(new Agent(), url, 'GET', {})
      cookie = String(entrance.headers['set-cookie']).split(';', 1)[0] ?? ''
    }
    const contender = new Contender(name, child, url, cookie, begun)
    await contender.page()
    return Object.assign(contender, { startUp: performance.now() - begun })
  }

  page(): Promise<Answer> {
    return this.#send('GET', '/todo')
  }

  create(title: string): Promise<Answer> {
    return this.#send('POST', '/api/todo/create', JSON.stringify({ title }))
  }

  /** Resident memory in MB. */
  memory(): number {
    return (
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(this.#child.pid)], { encoding: 'utf8' })) / 1024
    )
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill()
    await ended
  }

  async #send(method: string, path: string, body?: string): Promise<Answer> {
    const answer = await send(this.#agent, new URL(path, this.#origin), method, this.#headers, body)
    if (answer.status === 200) return answer
    throw new Error(
      `${this.name} answered ${answer.status} to ${method} ${path}: ${answer.body.slice(0, 300)}`,
    )
  }
}

function send(
  agent: Agent,
  url: URL,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const asked = request(url, { method, agent, headers: { ...headers, ...type } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const all = Buffer.concat(chunks)
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: all.toString(), bytes: all.length })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
