import { contribute } from './contribution.ts'
import { findPlugins, type PluginSource } from './find.ts'
import type { AppHandle, Command } from './plugin.ts'

/** Stands for an app that is not open: whatever `setup` asks of it, nothing happens. */
const closedApp: unknown = new Proxy(() => undefined, {
  get: (_target, name) => (name === 'then' || typeof name === 'symbol' ? undefined : closedApp),
  apply: () => closedApp,
})

/** The commands of an app's plugins, known without its data: `setup` declares, and nothing is started. */
export async function declaredCommands(options: {
  plugins: readonly PluginSource[]
  root: string
}): Promise<Command[]> {
  const commands: Command[] = []
  for (const { load } of findPlugins(options.plugins, options.root)) {
    try {
      const environment = { app: closedApp as AppHandle, services: new Map(), route: () => undefined }
      commands.push(...(await contribute(await load(), environment)).commands)
    } catch {
      // A plugin that fails is reported by the app itself; the others still bring their commands.
    }
  }
  return commands
}
