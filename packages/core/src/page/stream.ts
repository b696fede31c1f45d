import type { ServerResponse } from 'node:http'
import type { Html } from '../html/html.ts'

/** Text to append to an element. */
export interface TextEvent {
  /** The id of the element. */
  readonly target: string
  /** How many characters come before, so that nothing is doubled or lost. */
  readonly at: number
  readonly text: string
}

/** A reader this many bytes behind is cut off: it comes back and catches up. */
const maxBehind = 1_000_000

/** The event streams of the pages that are in front of the user. */
export class EventStreams {
  readonly #heartbeats = new Map<ServerResponse, NodeJS.Timeout>()
  // A later process begins with a higher number, so that pages notice that they missed something.
  #sequence = Date.now()

  /** The number of the last event. A page is rendered with it, and asks for what came later. */
  get sequence() {
    return this.#sequence
  }

  /** Turns a reply into a stream. Of a page that missed events, by `Last-Event-ID` or `?since=`, all regions refresh. */
  open(reply: ServerResponse) {
    const { headers, url = '' } = reply.req
    const since = headers['last-event-id'] ?? /[?&]since=(\d+)/.exec(url)?.[1]
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    reply.write(': ok\n\n')
    if (since !== undefined && since !== `${this.#sequence}`)
      reply.write(this.#event('changed', { topics: ['*'] }))
    this.#heartbeats.set(
      reply,
      setInterval(() => reply.write(': still here\n\n'), 25_000),
    )
    reply.on('close', () => this.#forget(reply))
  }

  /** Refreshes the regions that show one of the topics; `*` stands for all of them. */
  changed(topics: readonly string[]) {
    this.#send('changed', { topics })
  }

  /** Shows a toast on every page. */
  toast(html: Html) {
    this.#send('toast', { html: String(html) })
  }

  /** Appends text to an element. */
  text(event: TextEvent) {
    this.#send('text', event)
  }

  close() {
    for (const reply of this.#heartbeats.keys()) {
      this.#forget(reply)
      reply.end()
    }
  }

  /** An ended reply closes later, and must not be written to in between. */
  #forget(reply: ServerResponse) {
    clearInterval(this.#heartbeats.get(reply))
    this.#heartbeats.delete(reply)
  }

  #send(name: string, data: object) {
    this.#sequence++
    const event = this.#event(name, data)
    for (const reply of this.#heartbeats.keys()) {
      reply.write(event)
      if (reply.writableLength > maxBehind) reply.destroy()
    }
  }

  #event(name: string, data: object) {
    return `id: ${this.#sequence}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
