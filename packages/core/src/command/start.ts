import { spawn } from 'node:child_process'
import process, { env, platform, stderr, stdout } from 'node:process'
import { isLocalappError, localappError } from '../error/error.ts'
import type { CommandOption } from '../plugin/plugin.ts'
import { askEntrance, type CommandOptions, findServer, type OpenableApp } from './session.ts'

/** The options of `start`. */
export const startOptions: Readonly<Record<string, CommandOption>> = {
  port: { type: 'string', help: 'The port on 127.0.0.1; 0 takes a free one.' },
  open: { type: 'boolean', help: 'Opens the browser. The default where there is one.' },
  'no-open': { type: 'boolean', help: 'Does not open the browser.' },
}

/** Serves the app until it is told to stop. Where a server has the data already, it only prints a new address. */
export async function start<O extends CommandOptions>(
  given: O,
  make: (options: O) => OpenableApp,
  values: Readonly<Record<string, string | boolean>>,
): Promise<number> {
  const options = values.port === undefined ? given : { ...given, port: portOf(String(values.port)) }
  const app = make(options)
  try {
    const { url } = await app.serve()
    const stopped = untilStopped()
    const { host } = await app.open()
    for (const { name, state, error, place } of host.all) {
      if (error)
        stderr.write(
          `Plugin “${name}” ${state} at ${place ?? 'an unknown place'}: ${error.message} ${error.fix}\n`,
        )
    }
    announce(url, values)
    await stopped
    await app.close()
    return 0
  } catch (error) {
    const server =
      isLocalappError(error) && error.code === 'LOCALAPP_DATA_BUSY' ? findServer(options) : undefined
    if (!server) throw error
    const url = await askEntrance(server)
    stderr.write('The app is running already. This address opens it in one more browser:\n')
    announce(url, values)
    return 0
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port
  throw localappError(
    'LOCALAPP_COMMAND',
    `“${text}” is no port.`,
    'Use a whole number from 0 to 65535, as in --port 4321.',
  )
}

function announce(url: string, values: Readonly<Record<string, string | boolean>>): void {
  stdout.write(`${url}\n`)
  if (values['no-open'] !== true && (values.open === true || hasScreen())) openBrowser(url)
}

function hasScreen(): boolean {
  if (env.CI !== undefined || env.SSH_CONNECTION !== undefined) return false
  return platform !== 'linux' || env.DISPLAY !== undefined || env.WAYLAND_DISPLAY !== undefined
}

function openBrowser(url: string): void {
  const [command, ...args]: [string, ...string[]] =
    platform === 'darwin'
      ? ['open', url]
      : platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url]
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => stderr.write('No browser could be opened. Open the address above by hand.\n'))
  child.unref()
}

function untilStopped(): Promise<void> {
  // A rejection that nobody awaits is somebody's bug, but no reason to take the whole app down.
  process.on('unhandledRejection', (reason) =>
    console.error('Something failed outside of a request:', reason),
  )
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
