import type { Command } from '@localapp/core'
import { context } from './context.ts'

const journal: Command = {
  name: 'journal',
  usage: 'journal [--limit N]',
  summary: 'Prints who did what and when, newest first, as JSON lines.',
  options: { limit: { type: 'string', help: 'How many lines. Default 20.' } },
  run: async ({ options, call, report }) =>
    report(await call('journal.list', { limit: Number(options.limit ?? 20) })),
}

const undo: Command = {
  name: 'undo',
  usage: 'undo <entry>',
  summary: 'Takes one entry of the journal back.',
  confirmed: true,
  run: async ({ args: [entry], call, report }) =>
    report(await call('journal.undo', { entry: Number(entry) })),
}

/** Prints what an action lists, and fails where a line of it says what to do. */
function listing(id: string, input = {}): Command['run'] {
  return async ({ call, report }) => {
    const outcome = await call(id, input)
    const code = report(outcome)
    const lines = outcome.status === 'done' ? (outcome.output as { fix?: string }[]) : []
    return lines.some(({ fix }) => fix) ? 1 : code
  }
}

const plugins: Command = {
  name: 'plugins',
  usage: 'plugins',
  summary: 'Prints the plugins and what became of them, as JSON lines. Fails where one of them has failed.',
  run: listing('admin.plugins'),
}

const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary:
    'Looks at all that the app needs, and prints what it found as JSON lines. Fails where something is wrong.',
  run: listing('admin.health', { thorough: true }),
}

const backup: Command = {
  name: 'backup',
  usage: 'backup',
  summary: 'Copies the data to a file of its own, while the app runs or not, and prints its path.',
  confirmed: true,
  run: async ({ call, report }) => report(await call('admin.backup', {})),
}

const restore: Command = {
  name: 'restore',
  usage: 'restore [<backup>] [--look]',
  summary: 'Goes back to a backup, which Undo takes back; without its name it lists all, the newest first.',
  options: {
    look: { type: 'boolean', help: 'Prints what would come back, change back and go away instead.' },
  },
  confirmed: true,
  async run({ args: [backup], options: { look }, call, report }) {
    if (backup === undefined) return report(await call('admin.backups', {}))
    return report(await call(look ? 'admin.compare' : 'admin.restore', { backup }))
  },
}

export const commands: readonly Command[] = [journal, undo, plugins, doctor, backup, restore, context]
