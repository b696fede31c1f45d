import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Plugin, type PluginContext, t } from '@localapp/core'
import { backUpDaily, restoreActions, restorePage } from './backup.ts'
import { commands } from './commands.ts'
import { examine, healthPage } from './health.ts'
import { adminCard, homePage } from './home.ts'
import { entryPage, historyLink, historyPage, journalPage } from './journal.ts'
import { themeButton } from './page.ts'
import { listPlugins, pluginsPage } from './plugins.ts'
import { searchForm, searchPage } from './search.ts'

/**
 * The pages that look after an app: its home, the search over all plugins, the journal, the plugins and the app's
 * health with its backups, of which it makes one a day; with the commands `journal`, `undo`, `plugins`, `doctor`,
 * `backup`, `restore` and `context`.
 *
 * Other plugins put cards of their own on the home page with `slot('home', …)`.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', admin()] })
 * ```
 */
export function admin(): Plugin {
  return new Admin()
}

class Admin extends Plugin {
  readonly name = 'admin'
  override readonly commands = commands
  #timer: NodeJS.Timeout | undefined

  setup(context: PluginContext): void {
    const { app, action, fastify, menu, slot, started } = context
    const pages = {
      '/': homePage,
      '/-/search': searchPage,
      '/-/journal': journalPage,
      '/-/journal/:entry': entryPage,
      '/-/journal/:table/:key': historyPage,
      '/-/plugins': pluginsPage,
      '/-/backups/:backup': restorePage,
    }
    for (const [path, page] of Object.entries(pages)) app.rt.get(path, (request) => page(app, request))
    app.rt.get('/-/health', (request) => healthPage(context, request))
    menu('Journal', '/-/journal')
    slot('header', (request) => [searchForm(request), themeButton])
    slot('home', () => adminCard(app))
    slot('record', historyLink)
    action('plugins', {
      effect: 'read',
      description: 'All plugins of this app, and what became of them.',
      run: () => listPlugins(app),
    })
    action('health', {
      effect: 'read',
      title: 'Examine',
      description:
        'Whether all is well: disk, backups, plugins, the model. Thorough also reads the whole database.',
      input: { thorough: t.bool() },
      run: ({ thorough }) => examine(context, thorough),
    })
    action('backup', {
      effect: 'external',
      title: 'Back up',
      description: 'Copies the data, as it is now, to a file of its own.',
      summary: (_input, { file }) => `Backed up to ${basename(file)}`,
      run: async () => ({ file: await app.backup('asked') }),
    })
    restoreActions(context)
    started(() => {
      // Not at once: a command owns the data for a moment only.
      this.#timer = setInterval(() => void backUpDaily(app), 10 * 60_000).unref()
    })
    for (const [name, type] of Object.entries({ 'style.css': 'text/css', 'client.js': 'text/javascript' })) {
      const file = readFileSync(new URL(`./${name}`, import.meta.url))
      fastify.get(`/admin/${name}`, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(file))
    }
  }

  override close(): void {
    clearInterval(this.#timer)
  }
}
