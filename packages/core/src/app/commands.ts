import { spawn } from 'node:child_process'
import { localappError, parseJson } from '../error/error.ts'
import type { Command } from '../plugin/plugin.ts'
import type { OwnApp } from './app.ts'
import { ask } from './session.ts'

/** Serves the app until it is told to stop. Where a server has the data already, it only prints a new address. */
export const startCommand = (app: OwnApp): Command => ({
  name: 'start',
  usage: 'start [--port N] [--no-open]',
  summary: 'Serves the app. The default.',
  options: {
    port: { type: 'string', help: 'The port on 127.0.0.1; 0 takes a free one.' },
    'no-open': { type: 'boolean', help: 'Does not open the browser.' },
  },
  async run({ options: { port, 'no-open': quiet }, out, note }) {
    const server = await app.take()
    const { url } = server
      ? await ask<{ url: string }>(server, 'entrance')
      : await app.serve(port === undefined ? {} : { port: portOf(String(port)) })
    if (server) note('The app is running already. This address opens it in one more browser:')
    out(url)
    if (!quiet) openBrowser(url)
    if (server) return 0
    await new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve)
    })
    // What a plugin leaves running must not keep the process.
    setTimeout(() => process.exit(), 2000).unref()
    return 0
  },
})

export const callCommand: Command = {
  name: 'call',
  usage: 'call [<action> [<json>]]',
  summary:
    'Runs an action. Without JSON it reads one JSON object a line from standard input; without an action it lists all.',
  async run({ args, lines, call, report }) {
    const [id = 'journal.actions', text = args.length === 0 ? '{}' : '-'] = args
    if (text !== '-') return report(await call(id, parse(text)))
    let worst = 0
    let count = 0
    for await (const line of lines) {
      if (line.trim() === '') continue
      count++
      worst = Math.max(worst, report(await call(id, parse(line, `Line ${count}`))))
    }
    return count === 0 ? report(await call(id, {})) : worst
  },
}

const parse = (text: string, where = 'This') =>
  parseJson(text, 'LOCALAPP_COMMAND', where, `Write it as in '{"title":"Buy milk"}'.`)

function portOf(text: string) {
  if (/^\d+$/.test(text)) return Number(text)
  const fix = 'Give a number from 0 to 65535, where 0 takes a free one.'
  throw localappError('LOCALAPP_COMMAND', `“${text}” is no port.`, fix)
}

const { env, platform } = process

/** Without a browser the user opens the printed address by hand, so nothing is said when this fails. */
function openBrowser(url: string) {
  if (platform === 'linux' && env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return
  const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  }
  const [command, ...args] = openers[platform] ?? ['xdg-open']
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
