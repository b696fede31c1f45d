import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type AppHandle, localappError } from '@localapp/core'
import { fileOf, folderOf } from './import.ts'

/** The most bytes of a file. */
export const largest = 512 * 1024 * 1024

export interface Upload {
  /** What the file is called in the folder of this plugin; it is made here, whatever the sender says. */
  readonly upload: string
  /** What the sender calls it. */
  readonly name: string
}

/** A place for a file that comes in. */
export function newUpload(app: AppHandle): string {
  mkdirSync(folderOf(app), { recursive: true, mode: 0o700 })
  return randomUUID()
}

/** Writes the one file of a form down as it comes, with its first part alone in memory. */
export async function receive(
  app: AppHandle,
  body: AsyncIterable<Buffer>,
  contentType = '',
): Promise<Upload> {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType) ?? []
  const boundary = `--${quoted ?? plain}`
  const upload = newUpload(app)
  const file = fileOf(app, { upload })
  const part = { name: '' }
  try {
    await pipeline(partOf(body, boundary, part), createWriteStream(file, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  }
  return { upload, name: part.name }
}

/** The bytes of the part that is a file. */
async function* partOf(
  body: AsyncIterable<Buffer>,
  boundary: string,
  part: { name: string },
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let isInside = false
  let size = 0
  const end = Buffer.from(`\r\n${boundary}`)
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk])
    if (!isInside) {
      const head = rest.indexOf('\r\n\r\n')
      if (head < 0 && rest.length < 16_384) continue
      const text = rest.subarray(0, Math.max(head, 0)).toString('utf8')
      const [, name = ''] = /filename="([^"]*)"/i.exec(text) ?? []
      if (!text.startsWith(boundary) || name === '') throw noFile()
      part.name = nameOf(name)
      rest = rest.subarray(head + 4)
      isInside = true
    }
    const stop = rest.indexOf(end)
    const ready = stop < 0 ? rest.subarray(0, Math.max(rest.length - end.length, 0)) : rest.subarray(0, stop)
    size += ready.length
    if (size > largest) {
      const what = `This file has more than ${largest / 1024 / 1024} MB.`
      throw localappError('LOCALAPP_BODY_TOO_LARGE', what, 'Split it, and bring in its parts.')
    }
    yield ready
    if (stop >= 0) return
    rest = rest.subarray(ready.length)
  }
  throw noFile()
}

/** What is shown of a name: no path, no control characters. */
export function nameOf(name: string): string {
  const shown = basename(name.replaceAll('\\', '/')).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
  return shown.slice(0, 200).toWellFormed() || 'file'
}

const noFile = () =>
  localappError('LOCALAPP_BAD_REQUEST', 'No file came with this.', 'Choose a file, then send the form.')
