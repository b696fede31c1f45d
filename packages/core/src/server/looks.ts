import { type Action, defineAction } from '../action/action.ts'
import type { Journal, JournalEntry } from '../action/journal.ts'
import { t } from '../field/t.ts'
import type { HostedPlugin } from '../plugin/host.ts'

/** What the actions that look at the app need of it. */
export interface LooksEnvironment {
  readonly journal: Journal
  list(): readonly Action[]
  plugins(): readonly HostedPlugin[]
}

/** Actions that look at the app itself: its journal, its actions, its plugins. */
export function lookActions({ journal, list, plugins }: LooksEnvironment): Action[] {
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
        list().map(({ id, effect, title, description, input }) => ({
          id,
          effect,
          title,
          description,
          fields: Object.keys(input),
        })),
    }),
    defineAction('journal', 'plugins', {
      effect: 'read',
      description: 'All plugins of this app, and what became of them.',
      run: () =>
        plugins().map(({ name, file, state, error, place }) => ({
          name,
          file,
          state,
          place,
          error: error?.message,
          fix: error?.fix,
        })),
    }),
  ]
}
