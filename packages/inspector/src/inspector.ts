import { readFileSync } from 'node:fs'
import { type AppHandle, a, Plugin, type PluginContext, p, report, type Table, t } from '@localapp/core'
import type { Model } from '@localapp/models'
import { fields, type Keeper, watched } from './exchange.ts'
import { listPage, turnPage } from './page.ts'

/** As many exchanges are kept; older ones are deleted. */
const kept = 200

/** The turns of the conversation, where forgetting deletes them. */
const conversation = 'assistant_turn'

/**
 * Keeps what the assistant's model was sent and what it answered, and shows it at `/-/assistant`: word for word, with
 * tokens by part and time. What is forgotten in the panel is deleted here too.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', assistant(), inspector()] })
 * ```
 */
export function inspector(): Plugin {
  return new Inspector()
}

class Inspector extends Plugin {
  readonly name = 'inspector'

  setup({ action, app, fastify, provide, slot, table }: PluginContext): void {
    const rows = table('exchange', fields)
    provide('watch-model', (model: Model, turn: string) => watched(model, turn, () => keeperIn(app, rows)))
    app.onChanged((topics) => topics.includes(conversation) && void followForgetting(app, rows))
    app.rt.get('/-/assistant', (request) => listPage(app, rows, request))
    app.rt.get('/-/assistant/:turn', (request) => turnPage(app, rows, request))
    slot('assistant', () => p({ class: 'status' }, a({ href: '/-/assistant' }, 'What it was sent')))
    const style = readFileSync(new URL('./style.css', import.meta.url))
    fastify.get('/inspector/style.css', (_request, reply) =>
      reply.type('text/css; charset=utf-8').send(style),
    )
    action('show', {
      effect: 'read',
      userOnly: true,
      description: 'All that the model was sent and answered in a turn, as JSON.',
      input: { turn: t.text() },
      run: ({ turn }, context) =>
        context
          .table(rows)
          .all({ where: [['turn', '=', turn]] })
          .map(({ request, answer, ...row }) => ({
            ...row,
            request: JSON.parse(request),
            answer: answer === '' ? null : JSON.parse(answer),
          })),
    })
  }
}

/** The row of one exchange. A failure to keep it is told in the terminal, and the model goes on. */
function keeperIn(app: AppHandle, rows: Table<typeof fields>): Keeper {
  let id = 0
  const tell = (thrown: unknown) => report('The inspector failed:', thrown)
  return {
    async begin(row) {
      try {
        id = await app.write('keep what a model is sent', (tx) => {
          const table = tx.table(rows)
          const added = table.insert(row).id
          for (const old of table.all({ where: [['id', '<=', added - kept]] })) table.delete(old.id)
          return added
        })
        app.announce([rows.name])
      } catch (thrown) {
        tell(thrown)
      }
    },
    async end(patch) {
      try {
        await app.write('keep what a model answers', (tx) => {
          if (tx.table(rows).find(id)) tx.table(rows).update(id, patch)
        })
        app.announce([rows.name])
      } catch (thrown) {
        tell(thrown)
      }
    },
  }
}

/** Deletes the exchanges of turns that are no longer in the conversation. */
async function followForgetting(app: AppHandle, rows: Table<typeof fields>): Promise<void> {
  try {
    const turns = app.db.selectFrom(conversation).select('turn')
    const orphans = await app.db.selectFrom(rows.name).select('id').where('turn', 'not in', turns).execute()
    if (orphans.length === 0) return
    await app.write('forget what a model was sent', (tx) => {
      for (const { id } of orphans) if (tx.table(rows).find(Number(id))) tx.table(rows).delete(Number(id))
    })
    app.announce([rows.name])
  } catch (thrown) {
    report('The inspector failed:', thrown)
  }
}
