import { type Action, defineAction } from '../action/action.ts'
import { t } from '../field/t.ts'
import type { AppHandle } from '../plugin/plugin.ts'

export function lookActions({ journal, actions }: AppHandle): Action[] {
  return [
    defineAction('journal', 'list', {
      effect: 'read',
      description: 'Who did what and when, newest first.',
      input: { limit: t.integer({ min: 1, max: 1000, default: 20 }) },
      run: ({ limit }) => journal.list({ limit }),
    }),
    defineAction('journal', 'actions', {
      effect: 'read',
      description: 'All actions of this app.',
      run: () =>
        actions.list().map(({ id, effect, title, description, input }) => {
          return { id, effect, title, description, fields: Object.keys(input) }
        }),
    }),
  ]
}
