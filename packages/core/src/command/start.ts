import { spawn } from 'node:child_process'
import { localappError } from '../error/error.ts'
import type { OwnCommand } from './session.ts'

/** Serves the app until it is told to stop. Where a server has the data already, it only prints a new address. */
export const start: OwnCommand = {
  name: 'start',
  usage: 'start [--port N] [--no-open]',
  summary: 'Serves the app. The default.',
  options: {
    port: { type: 'string', help: 'The port on 127.0.0.1; 0 takes a free one.' },
    'no-open': { type: 'boolean', help: 'Does not open the browser.' },
  },
  async run({ options: { port, 'no-open': quiet }, out, note }, app) {
    const server = await app.take()
    const { url } = server
      ? await server.ask<{ url: string }>('entrance')
      : await app.serve(port === undefined ? {} : { port: portOf(String(port)) })
    for (const { name, state, error, place } of app.plugins())
      if (error) note(`Plugin “${name}” ${state} at ${place}: ${error.message} ${error.fix}`)
    if (server) note('The app is running already. This address opens it in one more browser:')
    out(url)
    if (!quiet) openBrowser(url)
    if (server) return 0
    await new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
    })
    // What a plugin leaves running must not keep the process.
    setTimeout(() => process.exit(), 2000).unref()
    return 0
  },
}

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
