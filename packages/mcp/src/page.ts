import { dirname } from 'node:path'
import { type AppHandle, type Content, code, details, h1, h2, p, pre, summary } from '@localapp/core'

/** Says what to put into the configuration of a client. Whoever is let into the app may see the key. */
export function mcpPage({ title, dataFolder }: AppHandle, origin: string, key: string): Content {
  const args = [...process.execArgv, process.argv[1], 'mcp', '--data', dirname(dataFolder)]
  // Some take no other names.
  const name = title.toLowerCase().replace(/\W+/g, '-')
  const configuration = (server: object): Content =>
    pre({ class: 'table', tabindex: 0 }, code(JSON.stringify({ mcpServers: { [name]: server } }, null, 2)))
  return [
    h1('MCP'),
    p(
      'Other programs with a language model can use this app as the assistant does. What deletes, or reaches outside ' +
        'the data, waits for you. Put one of these into their configuration.',
    ),
    h2('The program starts it'),
    configuration({ command: process.execPath, args }),
    details(
      summary('Over HTTP, while the app runs, with the key'),
      configuration({ type: 'http', url: `${origin}/mcp`, headers: { Authorization: `Bearer ${key}` } }),
    ),
  ]
}
