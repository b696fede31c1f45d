import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { blocksOf } from '../../tests/blocks.ts'
import { root } from '../root.ts'
import { expectIn, timed } from './report.ts'
import type { Stranger } from './stranger.ts'
import { addInBrowser } from './visit.ts'

/** The oldest Node that the packages run on, which a project here brings along. */
const oldest = '22.18.0'

const { devDependencies: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>
}

const plugin = `import { h1, Plugin, type PluginContext } from '@localapp/core'

export default class Birds extends Plugin {
  name = 'birds'
  setup({ page }: PluginContext): void {
    page('/', () => h1('Birds of the folder'))
  }
}
`

/** Starts a program of the docs, which knows no options, and uses the app in it. */
async function use(stranger: Stranger, browser: Browser | undefined, where: string): Promise<void> {
  await stranger.whileStarted(where, async (app) => {
    const { get } = app
    expectIn(await get('/api/todo/create', { title: 'Buy milk' }), 'Buy milk', 'the answer')
    expectIn(await get('/todo'), 'Buy milk', 'the page /todo')
    await addInBrowser(browser, app, 'todo', 'In the browser')
    expectIn(await get('/birds'), 'Birds of the folder', 'the page of a plugin in a folder')
  })
}

/** Installs localapp into projects that are there already, and runs in them what the docs say, on the oldest Node. */
export async function importInto(stranger: Stranger, browser: Browser | undefined): Promise<boolean> {
  console.log(`\n── a project that is there already, on Node ${oldest}`)
  const [esm] = blocksOf('docs/install.md', 'ts')
  const [commonjs] = blocksOf('docs/install.md', 'js')
  if (!esm || !commonjs) throw new Error('docs/install.md has lost its programs.')
  const tools = ['node', 'typescript', '@types/node'].map((name) =>
    name === 'node' ? `node@${oldest}` : `${name}@${ours[name]}`,
  )
  for (const { type, file, code } of [
    { type: 'module', file: 'index.ts', code: esm.code },
    { type: 'commonjs', file: 'index.cjs', code: commonjs.code },
  ]) {
    const where = join(stranger.folder, type)
    mkdirSync(join(where, 'plugins'), { recursive: true })
    const write = (name: string, text: string): void => writeFileSync(join(where, name), text)
    const scripts = { start: `node ${file}`, types: 'tsc', built: 'node out/typed.js' }
    write('package.json', JSON.stringify({ name: 'mine', private: true, type, scripts }))
    write('plugins/package.json', '{ "type": "module" }')
    write('plugins/birds.ts', plugin)
    // The docs keep to what is needed; a test wants a port of its own, and a folder of plugins besides.
    write(file, code.replace('plugins: [Todo]', "plugins: [Todo, './plugins'], port: 0"))
    write(
      'typed.ts',
      "import { t } from '@localapp/core'\n\nconst title = t.text({ max: 3 })\nconsole.log(title.kind)\n",
    )
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      outDir: 'out',
      types: ['node'],
    }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['typed.ts'] }))
    await timed(`${type}: installed`, async () => {
      await stranger.run(where, stranger.manager.add('@localapp/core', '@localapp/crud', ...tools))
    })
    await timed(`${type}: served a page, and kept a record`, async () => await use(stranger, browser, where))
    await timed(`${type}: types, and what tsc made of them`, async () => {
      await stranger.run(where, stranger.manager.script('types'))
      expectIn(
        await stranger.run(where, stranger.manager.script('built')),
        'text',
        'what the built file says',
      )
    })
  }
  return true
}
