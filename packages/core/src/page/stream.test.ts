import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { raw } from '../html/html.ts'
import { EventStreams } from './stream.ts'

const streams = new EventStreams()
const server = createServer((_, reply) => streams.open(reply))
const address = new Promise<string>((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
})

/** Opens a stream; `read` waits until what came so far holds a text. */
async function open(query = '', headers: Record<string, string> = {}) {
  const abort = new AbortController()
  const response = await fetch(`${await address}/-/events${query}`, { headers, signal: abort.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const read = async (until: string): Promise<string> => {
    while (!text.includes(until)) {
      const chunk = await reader?.read()
      if (!chunk || chunk.done) throw new Error(`The stream ended after: ${text}`)
      text += chunk.value
    }
    return text
  }
  return { response, read, abort }
}

afterEach(() => streams.close())

test('a stream opens at once and carries numbered events', async () => {
  const { response, read } = await open()
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(await read('\n\n')).toBe(': ok\n\n')
  const before = streams.sequence
  streams.changed(['todo', 'notes'])
  streams.toast(raw('<b>a\nb</b>'))
  streams.text({ target: 'answer', at: 3, text: 'é\n' })
  expect(await read('"text":')).toBe(
    `: ok\n\nid: ${before + 1}\nevent: changed\ndata: {"topics":["todo","notes"]}\n\n` +
      `id: ${before + 2}\nevent: toast\ndata: {"html":"<b>a\\nb</b>"}\n\n` +
      `id: ${before + 3}\nevent: text\ndata: {"target":"answer","at":3,"text":"é\\n"}\n\n`,
  )
})

test('every open page is told, and one that has gone is forgotten', async () => {
  const [first, second] = await Promise.all([open(), open()])
  first.abort.abort()
  await expect(first.read('never')).rejects.toThrow()
  streams.changed(['todo'])
  expect(await second.read('todo')).toContain('event: changed')
})

test('a page that missed events refreshes everything; one that missed none does not', async () => {
  const rendered = streams.sequence
  streams.changed(['todo'])
  const stale = await open(`?since=${rendered}`)
  expect(await stale.read('*')).toContain(`id: ${streams.sequence}\nevent: changed\ndata: {"topics":["*"]}`)
  const again = await open(`?since=${rendered}`, { 'last-event-id': String(streams.sequence) })
  const fresh = await open(`?since=${streams.sequence}`)
  streams.changed(['last'])
  expect(await again.read('last')).not.toContain('*')
  expect(await fresh.read('last')).not.toContain('*')
})

test('a quiet stream shows that it is alive, and closing ends it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { read } = await open()
  await read('ok')
  vi.advanceTimersByTime(25_000)
  await read('still here')
  streams.close()
  streams.changed(['too late'])
  await expect(read('never')).rejects.toThrow('The stream ended')
  vi.useRealTimers()
})
