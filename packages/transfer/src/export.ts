import { type AppHandle, InvalidInput } from '@localapp/core'
import { csvLine } from './csv.ts'
import type { Format } from './source.ts'
import { type Target, targetOf } from './target.ts'
import { cellOf } from './value.ts'

/** Lines of a file without their ends, and where to go on when there are more. */
export interface ExportedPage {
  readonly lines: readonly string[]
  readonly more: string | null
}

/** One page of an export, through the plugin's own `list`; the first one of a CSV begins with its header. */
export async function exportPage(
  app: AppHandle,
  plugin: string,
  format: Format,
  query: Readonly<Record<string, unknown>>,
): Promise<ExportedPage> {
  const { list, create } = targetOf(app, plugin)
  const names = ['id', ...Object.keys(create.input)]
  const input = { ...query, limit: 200 }
  const outcome = await app.actions.call(list.id, input, { actor: { kind: 'plugin', name: 'transfer' } })
  if (outcome.status === 'invalid') throw new InvalidInput(outcome.messages)
  if (outcome.status === 'failed') throw outcome.error
  const { rows, more } = (outcome as { output: unknown }).output as {
    rows: Record<string, unknown>[]
    more: string | null
  }
  const lines = rows.map((row) =>
    format === 'csv'
      ? csvLine(names.map((name) => cellOf(create.input[name], row[name])))
      : JSON.stringify(Object.fromEntries(names.map((name) => [name, row[name]]))),
  )
  const isFirst = query.after === undefined
  return { lines: isFirst && format === 'csv' ? [csvLine(names), ...lines] : lines, more }
}

/** All of an export, a page at a time: what is read is sent before more is read. */
export async function* exported(
  app: AppHandle,
  { name, list }: Target,
  format: Format,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<string> {
  const asked = decodedQuery(list.input, query)
  const end = format === 'csv' ? '\r\n' : '\n'
  // A spreadsheet knows UTF-8 by its mark.
  let mark = format === 'csv' ? '\uFEFF' : ''
  let after: string | null | undefined
  do {
    // A filter that is wrong is refused here, before anything is sent.
    const page = await exportPage(app, name, format, { ...asked, ...(after && { after }) })
    if (page.lines.length > 0) yield mark + page.lines.join(end) + end
    mark = ''
    after = page.more
  } while (after !== null)
}

/** What the address of a list says of its records. */
function decodedQuery(input: Target['list']['input'], query: Readonly<Record<string, string>>) {
  const asked: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(query)) {
    const field = input[name]
    if (!field || text === '' || name === 'after' || name === 'limit') continue
    const decoded = field.decode(text, 'form', name)
    if (!decoded.ok) throw new InvalidInput({ [name]: decoded.message })
    asked[name] = decoded.value
  }
  return asked
}
