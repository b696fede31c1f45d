import { readFileSync } from 'node:fs'
import { type RunFile, typeOf } from './files.ts'
import { type ShownRun, type ShownStep, tableIn, textOf } from './run.ts'

/** Text files up to this size stand in a report, in bytes; images up to ten times it. */
const largest = 100_000

/** A run as Markdown that stands alone: what each step gave, and the files that it wrote. */
export function reportOf(run: ShownRun, files: readonly RunFile[]): string {
  const parts = [
    `# ${plain(run.title)}`,
    `Started ${run.createdAt.slice(0, 16).replace('T', ' ')} UTC · ${run.state}${run.error && ` · ${plain(run.error)}`}`,
    ...run.steps.flatMap((step, i) => [`## ${i + 1}. ${plain(step.title)}`, gaveOf(step)]),
    ...(files.length > 0 ? ['## Files'] : []),
    ...files.flatMap((file) => [`### ${plain(file.name)} (${bytesOf(file)})`, contentOf(file)]),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function gaveOf({ state, output }: ShownStep) {
  if (state !== 'done') return state === 'skipped' ? 'Skipped.' : 'Not done yet.'
  return inMarkdown(output)
}

/** A value as Markdown: a table where it is one, else text or JSON between fences. */
export function inMarkdown(value: unknown): string {
  const found = tableIn(value)
  if (found) return tableOf(found.names, found.rows)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return tableOf(['field', 'value'], Object.entries(value))
  return typeof value === 'string' ? fenced(value, '') : fenced(textOf(value, 2), 'json')
}

function tableOf(names: readonly string[], rows: readonly (readonly unknown[])[]) {
  const line = (cells: readonly unknown[]) => `| ${cells.map((cell) => plain(textOf(cell))).join(' | ')} |`
  return [line(names), `|${' --- |'.repeat(names.length)}`, ...rows.map(line)].join('\n')
}

function contentOf({ name, path, bytes }: RunFile) {
  const type = typeOf(name)
  if (type.startsWith('text/') && bytes <= largest) return fenced(readFileSync(path, 'utf8'), '')
  if (!type.startsWith('image/') || bytes > 10 * largest) return 'It stays in the folder of the run.'
  return `![${plain(name)}](data:${type};base64,${readFileSync(path, 'base64')})`
}

/** Longer than any fence inside, so that no text ends it. */
function fenced(text: string, language: string) {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`
}

/** Text of which no character means something in Markdown, on one line. */
function plain(text: string) {
  return text.replaceAll(/[\\`*_[\]<>|~&$#]/g, '\\$&').replaceAll(/\r?\n/g, '<br>')
}

const bytesOf = ({ bytes }: RunFile) => (bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes`)
