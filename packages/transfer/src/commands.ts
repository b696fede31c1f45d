import { stdin } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import type { Command, CommandContext, Outcome } from '@localapp/core'
import type { ExportedPage } from './export.ts'
import type { Import } from './import.ts'

const exportCommand: Command = {
  name: 'export',
  usage: 'export <plugin> [--format csv|jsonl] [--q text]',
  summary: 'Prints the records of a CRUD plugin, with CSV as the default.',
  options: {
    format: { type: 'string', help: 'csv or jsonl. Default csv.' },
    q: { type: 'string', help: 'Only records that hold this text.' },
  },
  async run({ args: [plugin = ''], options: { format = 'csv', q }, call, out, report }) {
    let after: string | null = null
    do {
      const outcome: Outcome = await call('transfer.export', {
        plugin,
        format,
        ...(q !== undefined && { q }),
        ...(after !== null && { after }),
      })
      if (outcome.status !== 'done') return report(outcome)
      const page = outcome.output as ExportedPage
      for (const line of page.lines) out(line)
      after = page.more
    } while (after !== null)
    return 0
  },
}

const importCommand: Command = {
  name: 'import',
  usage: 'import <plugin> [--by column] [--partial]',
  summary: 'Adds the records of CSV or JSON Lines from standard input, all in one step that Undo takes back.',
  options: {
    by: { type: 'string', help: 'Changes the record that has the same in this field, and adds the others.' },
    partial: { type: 'boolean', help: 'Leaves bad rows out. Without it, one bad row stops all.' },
  },
  confirmed: true,
  async run({ args: [plugin = ''], options: { by, partial }, call, note, report }) {
    const sent = await send(call)
    if ('status' in sent) return report(sent)
    const opened = await call('transfer.open', { ...sent, plugin, name: 'standard input', ...(by && { by }) })
    if (opened.status !== 'done') return report(opened)
    const { id } = opened.output as Import
    for (let shown = 0; ; ) {
      const outcome = await call('transfer.get', { import: id })
      if (outcome.status !== 'done') return report(outcome)
      const { state, read, fresh, changing, bad, problems, message } = outcome.output as Import
      if (state === 'checking') {
        if (read - shown >= 10_000) {
          shown = read
          note(`${read.toLocaleString('en')} rows read`)
        }
        await setTimeout(50)
        continue
      }
      for (const problem of problems) note(problem)
      if (state === 'failed') note(message ?? 'This failed.')
      if (state === 'failed' || (bad > 0 && !partial) || fresh + changing === 0) {
        note(`${bad.toLocaleString('en')} bad rows; nothing was imported.`)
        await call('transfer.discard', { import: id })
        return bad > 0 ? 2 : 1
      }
      return report(await call('transfer.commit', { import: id }))
    }
  },
}

/** Sends standard input in pieces, as it is: its bytes tell how it was written. */
async function send(call: CommandContext['call']): Promise<Outcome | { upload: string }> {
  let upload: string | undefined
  const piece = async (bytes: Buffer) => {
    const outcome = await call('transfer.receive', {
      bytes: bytes.toString('base64'),
      ...(upload && { upload }),
    })
    if (outcome.status === 'done') upload = (outcome.output as { upload: string }).upload
    return outcome
  }
  let kept: Buffer[] = []
  for await (const bytes of stdin as AsyncIterable<Buffer>) {
    kept.push(bytes)
    if (kept.reduce((sum, { length }) => sum + length, 0) < 262_144) continue
    const outcome = await piece(Buffer.concat(kept))
    if (outcome.status !== 'done') return outcome
    kept = []
  }
  const outcome = await piece(Buffer.concat(kept))
  return upload === undefined || outcome.status !== 'done' ? outcome : { upload }
}

export const commands: readonly Command[] = [exportCommand, importCommand]
