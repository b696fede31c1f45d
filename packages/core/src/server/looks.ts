import { type Action, defineAction } from '../action/action.ts'
import type { JournalEntry } from '../action/journal.ts'
import { t } from '../field/t.ts'
import type { PluginHost } from '../plugin/host.ts'
import type { AppHandle } from '../plugin/plugin.ts'

export function lookActions({ journal, actions }: AppHandle, host: PluginHost): Action[] {
  return [
    defineAction('journal', 'list', {
      effect: 'read',
      description: 'Who did what and when, newest first.',
      input: { limit: t.integer({ min: 1, max: 1000, default: 20 }) },
      run: ({ limit }): JournalEntry[] => journal.list({ limit }),
    }),
    defineAction('journal', 'actions', {
      effect: 'read',
      description: 'All actions of this app.',
      run: () =>
        actions.list().map(({ id, effect, title, description, input }) => {
          return { id, effect, title, description, fields: Object.keys(input) }
        }),
    }),
    defineAction('journal', 'plugins', {
      effect: 'read',
      description: 'All plugins of this app, and what became of them.',
      run: () =>
        host.all.map(({ name, file, state, error, place }) => {
          return { name, file, state, place, error: error?.message, fix: error?.fix }
        }),
    }),
  ]
}
