import { createReadStream } from 'node:fs'
import { InvalidInput } from '@localapp/core'
import { csvRows, delimiterOf } from './csv.ts'

export type Format = 'csv' | 'jsonl'

/** How a file is to be read. */
export interface Source {
  readonly format: Format
  readonly encoding: string
  readonly delimiter: string
  /** What the header of a CSV calls its columns, or the keys of the first lines of JSON. */
  readonly columns: readonly string[]
}

/** One record of a file: a value for each column. */
export interface SourceRow {
  readonly line: number
  readonly values: readonly unknown[]
  readonly problem?: string | undefined
}

const lookedAt = 65_536
/** In characters, of JSON. */
const longestLine = 10_000_000

/** Finds out what a file is, from its bytes and never from its name. */
export async function sourceOf(file: string): Promise<Source> {
  const encoding = await encodingOf(file)
  let start = ''
  for await (const text of textOf(file, encoding)) {
    start += text
    if (start.length > lookedAt) break
  }
  if (/^\s*\{/.test(start)) {
    const columns = new Set<string>()
    let count = 0
    for await (const line of linesOf(textOf(file, encoding))) {
      for (const name of Object.keys(objectOf(line) ?? {})) columns.add(name)
      if (++count === 100) break
    }
    return { format: 'jsonl', encoding, delimiter: '', columns: [...columns] }
  }
  const delimiter = delimiterOf(start)
  for await (const { cells } of csvRows(textOf(file, encoding), delimiter))
    return { format: 'csv', encoding, delimiter, columns: cells.map((cell) => cell.trim()) }
  return { format: 'csv', encoding, delimiter, columns: [] }
}

/** The records of a file, as they come; `onRead` hears how many bytes were read each time. */
export function rowsOf(
  file: string,
  source: Source,
  onRead: (bytes: number) => void,
): AsyncGenerator<SourceRow> {
  const text = textOf(file, source.encoding, onRead)
  return source.format === 'csv' ? csvRecords(text, source) : jsonRecords(text, source)
}

async function* csvRecords(
  text: AsyncIterable<string>,
  { delimiter, columns }: Source,
): AsyncGenerator<SourceRow> {
  let isHeader = true
  for await (const { line, cells, problem } of csvRows(text, delimiter)) {
    if (isHeader) {
      isHeader = false
      continue
    }
    const isRagged = cells.length < columns.length || cells.slice(columns.length).some((cell) => cell !== '')
    const ragged = isRagged ? `This has ${cells.length} cells, and the header ${columns.length}.` : undefined
    yield { line, values: cells, problem: problem ?? ragged }
  }
}

async function* jsonRecords(text: AsyncIterable<string>, { columns }: Source): AsyncGenerator<SourceRow> {
  let number = 0
  for await (const line of linesOf(text)) {
    number++
    if (line.trim() === '') continue
    const record = objectOf(line)
    const stray = Object.keys(record ?? {}).find((name) => !columns.includes(name))
    const unknown =
      stray === undefined ? undefined : `“${stray.slice(0, 60)}” is no column of the lines before.`
    const values = columns.map((name) => record?.[name])
    yield { line: number, values, problem: record ? unknown : 'This line is no JSON object.' }
  }
}

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw new InvalidInput({ upload: 'A line of this file is far too long.' })
    yield* lines
  }
  yield rest
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** UTF-16 where it is marked so, UTF-8 where all of it is, and else what Windows wrote in the West. */
async function encodingOf(file: string): Promise<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let isFirst = true
  try {
    for await (const bytes of createReadStream(file) as AsyncIterable<Buffer>) {
      const [first, second] = bytes
      if (isFirst && first === 0xff && second === 0xfe) return 'utf-16le'
      if (isFirst && first === 0xfe && second === 0xff) return 'utf-16be'
      isFirst = false
      utf8.decode(bytes, { stream: true })
    }
    utf8.decode()
    return 'utf-8'
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1252'
    throw error
  }
}

/** The text of a file without its mark of order. */
async function* textOf(
  file: string,
  encoding: string,
  onRead?: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const bytes of createReadStream(file) as AsyncIterable<Buffer>) {
    onRead?.(bytes.length)
    yield decoder.decode(bytes, { stream: true })
  }
  yield decoder.decode()
}
