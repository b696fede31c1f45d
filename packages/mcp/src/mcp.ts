import { Plugin, type PluginContext, t } from '@localapp/core'
import { command } from './command.ts'
import { routeHttp } from './http.ts'
import { keptKey } from './key.ts'
import { maxLength } from './message.ts'
import { openApi } from './openapi.ts'
import { mcpPage } from './page.ts'
import { answerFor } from './protocol.ts'

/**
 * The app's actions as tools of MCP clients, over stdio by the command `mcp` and over HTTP at `/mcp`. A client is a
 * program and never the user: what deletes, or reaches outside the data, waits for an approval in the app.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', mcp()] })
 * ```
 */
export function mcp(): Plugin {
  return new Mcp()
}

class Mcp extends Plugin {
  readonly name = 'mcp'
  override readonly title = 'MCP'
  override readonly commands = [command]

  setup({ action, app, fastify, page }: PluginContext): void {
    const answer = answerFor(app)
    const key = keptKey(app.dataFolder)
    app.keys.set(this.name, key)
    let listening: Promise<unknown> | undefined
    action('message', {
      effect: 'read', // to the journal, which tells of what the message does by itself
      userOnly: true,
      description: 'Answers one message of MCP.',
      input: { text: t.longText({ min: 1, max: maxLength }), session: t.text() },
      async run({ text, session }) {
        // The user approves on a page.
        listening ??= app.listen()
        await listening
        return await answer(text, session)
      },
    })
    page('/', ({ url }) => mcpPage(app, url.origin, key))
    routeHttp(fastify, answer)
    fastify.get('/mcp/openapi.json', () => openApi(app))
  }
}
