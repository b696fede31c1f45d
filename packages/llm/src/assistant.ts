import { readFileSync } from 'node:fs'
import { link, Plugin, type PluginContext, t } from '@localapp/core'
import type { Model } from '@localapp/models'
import { ollama } from '@localapp/models'
import { cutOff, openConversation, wordsOf } from './conversation.ts'
import { renderPanel } from './panel.ts'

/** Options of {@link assistant}. */
export interface AssistantOptions {
  /** Default: `ollama()`, the first model on this machine that can use tools. */
  readonly model?: Model
}

/**
 * The assistant: a panel on every page, where a model calls the app's actions and `/todo.create title="…"` runs one
 * with no model. What the model does is journalled, waits for the user's word where it must, and is undone at once.
 * Other plugins find the model as the service `model`.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', assistant({ model: ollama('qwen3:4b') })] })
 * ```
 */
export function assistant({ model = ollama() }: AssistantOptions = {}): Plugin {
  return new (class extends Plugin {
    readonly name = 'assistant'

    setup(context: PluginContext): void {
      const { action, app, fastify, provide, slot } = context
      const conversation = openConversation(context, model)
      this.close = () => conversation.stop(cutOff)
      provide('model', model)
      app.onChanged((topics) => topics.includes('localapp_approval') && conversation.settle())
      // To the journal these are reads: what is said here is no change of the data, and can be forgotten.
      const own = { effect: 'read', userOnly: true } as const
      const send = action('send', {
        ...own,
        description: 'Says something to the assistant, or runs a command such as /journal.list.',
        input: {
          text: t.longText({ label: 'Message', min: 1, max: 20_000 }),
          page: t.text({ default: '/' }),
        },
        run: ({ text, page }) => conversation.say(text.trim(), page),
      })
      action('stop', { ...own, run: () => conversation.stop() })
      action('forget', { ...own, run: () => conversation.forget() })
      const style = readFileSync(new URL('./style.css', import.meta.url))
      fastify.get('/assistant/style.css', (_request, reply) =>
        reply.type('text/css; charset=utf-8').send(style),
      )
      let status = ''
      slot('panel', async ({ region, slot, url }) => [
        link({ rel: 'stylesheet', href: '/assistant/style.css' }),
        await region('assistant', ['assistant_turn', 'localapp_entry'], async () => {
          const turns = conversation.turns()
          // A model at work may be slow to say that it is there.
          if (status === '' || !turns.some(({ running }) => running)) status = await statusOf(model)
          return renderPanel(app.journal, send, url.pathname, turns, status, await slot('assistant'))
        }),
      ])
    }
  })()
}

/** What answers, or why nothing does. Every page asks, so the answer has half a second. */
async function statusOf(model: Model) {
  try {
    const { model: name, remote, tools } = await model.info(AbortSignal.timeout(500))
    if (remote) return `${name} does not run on this machine: what you say and what it looks up leaves it.`
    return `${name}, on this machine${tools ? '' : ', cannot use tools: it can only talk'}.`
  } catch (thrown) {
    return `${wordsOf(thrown)} Commands such as /journal.list work all the same.`
  }
}
