import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Contender } from './contender.ts'
import { median } from './median.ts'

/** A plugin of ten routes. */
function source(name: string, text: string): string {
  return `
import { h1, Plugin, type PluginContext, t } from '@localapp/core'
export default class extends Plugin {
  name = '${name}'
  setup({ action, page, table }: PluginContext) {
    const lines = table('', { text: t.text() })
    action('add', { effect: 'write', input: lines.fields, run: (row, { table }) => table(lines).insert(row).id })
    page('/', () => h1('${text}'))
    for (let i = 1; i <= 8; i++) page('/' + i, () => h1(i))
  }
}
`
}

/** Milliseconds to the first page with so many plugins, and by hand on Fastify with as many routes. */
export async function startUpsWith(
  count: number,
  turns: number,
): Promise<{ byHand: number; localapp: number }> {
  const { folder, plugins, data } = makeFolder(count)
  const times = { byHand: [] as number[], localapp: [] as number[] }
  for (let turn = 0; turn <= turns; turn++) {
    const byHand = await Contender.start('Fastify by hand', 'routes.ts', String(count))
    await byHand.stop()
    const localapp = await Contender.start('localapp', 'plugins.ts', plugins, data)
    await localapp.stop()
    // The first turn makes the tables.
    if (turn === 0) continue
    times.byHand.push(byHand.startUp)
    times.localapp.push(localapp.startUp)
  }
  rmSync(folder, { recursive: true })
  return { byHand: median(times.byHand), localapp: median(times.localapp) }
}

/** Milliseconds from saving a plugin's file to the page of its new version, with so many plugins. */
export async function reloadTime(count: number, turns: number): Promise<number> {
  const { folder, plugins, data } = makeFolder(count)
  const server = await Contender.start('localapp', 'plugins.ts', plugins, data)
  const times: number[] = []
  for (let turn = 1; turn <= turns; turn++) {
    const begun = performance.now()
    writeFileSync(join(plugins, 'todo.ts'), source('todo', `Version ${turn}`))
    while (!(await server.page()).body.includes(`Version ${turn}`)) await sleep(2)
    times.push(performance.now() - begun)
    await sleep(50)
  }
  await server.stop()
  rmSync(folder, { recursive: true })
  return median(times)
}

function makeFolder(count: number): { folder: string; plugins: string; data: string } {
  // Inside the repository, so that the packages are found.
  const folder = mkdtempSync(join(import.meta.dirname, 'plugins-'))
  const plugins = join(folder, 'plugins')
  mkdirSync(plugins)
  writeFileSync(join(plugins, 'todo.ts'), source('todo', 'Todo'))
  for (let i = 1; i < count; i++)
    writeFileSync(join(plugins, `plugin-${i}.ts`), source(`plugin-${i}`, 'Plugin'))
  return { folder, plugins, data: join(folder, 'data') }
}
