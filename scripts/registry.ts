/**
 * The road of a stranger: `pnpm run registry [part …] [--by manager …] [--built] [--hold package@version …]`. Publishes
 * all packages to a registry on this machine, and has somebody who has nothing else create, install, use and test
 * projects, with the machine's own Node and browser. The parts: `walk`, from nothing to a published plugin; `existing`, a
 * project that was there before; and each template (`app`, `plugin`, `single-file`), by npm or by each of `--by`. With
 * no part named, all, by every manager. `--built` takes what is in `dist`. `--hold rollup@4.67.4` has Yarn take that
 * version in new projects, for a registry that lacks what a newer one asks for on other systems; only Yarn asks for it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, exit } from 'node:process'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { findBrowser } from './browser.ts'
import { run } from './registry/command.ts'
import { importInto } from './registry/existing.ts'
import { type ManagerName, managers } from './registry/manager.ts'
import { since } from './registry/report.ts'
import { Stranger } from './registry/stranger.ts'
import { tryTemplate } from './registry/template.ts'
import { openRegistry } from './registry/verdaccio.ts'
import { walk } from './registry/walk.ts'
import { root } from './root.ts'

const templates = ['app', 'plugin', 'single-file']
const managerNames = Object.keys(managers) as ManagerName[]

/** What there is to do, in order; each by a stranger of its own, with nothing in any cache. */
interface Part {
  readonly manager: ManagerName
  readonly run: (stranger: Stranger, browser: Browser | undefined) => Promise<boolean>
}

function partsOf(asked: readonly string[], by: readonly string[]): Part[] {
  const wrong = [
    ...asked.filter((each) => ![...templates, 'walk', 'existing'].includes(each)),
    ...by.filter((each) => !Object.hasOwn(managers, each)),
  ]
  if (wrong.length > 0) throw new Error(`There is no ${wrong.join(', ')}.`)
  const isAsked = (part: string): boolean => asked.length === 0 || asked.includes(part)
  const usual = asked.length === 0 ? managerNames : ['npm']
  const chosen = managerNames.filter((name) => (by.length > 0 ? by : usual).includes(name))
  const parts: Part[] = []
  if (isAsked('walk')) parts.push({ manager: 'npm', run: walk })
  if (isAsked('existing')) parts.push({ manager: 'npm', run: importInto })
  for (const manager of chosen)
    for (const template of templates.filter(isAsked))
      parts.push({
        manager,
        run: async (stranger, browser) => await tryTemplate(stranger, browser, template),
      })
  return parts
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      built: { type: 'boolean' },
      by: { type: 'string', multiple: true, default: [] },
      hold: { type: 'string', multiple: true, default: [] },
    },
  })
  const parts = partsOf(positionals, values.by)
  const held = Object.fromEntries(values.hold.map((each) => each.split(/@(?=[^@]*$)/)))
  const folder = mkdtempSync(join(tmpdir(), 'localapp-registry-'))
  const executablePath = findBrowser()
  if (executablePath === undefined) console.log('Without a browser, for none was found.')
  const browser =
    executablePath === undefined
      ? undefined
      : await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const pnpm = ['npx', '--yes', 'pnpm@12'] as const
  try {
    const begun = performance.now()
    if (!values.built) await run(root, env, ...pnpm, 'run', 'build')
    const behind = (await run(root, env, 'npm', 'config', 'get', 'registry')).trim()
    const registry = await openRegistry(join(folder, 'registry'), behind)
    try {
      const publish = ['-r', '--filter', './packages/*', 'publish', '--no-git-checks', '--access', 'public']
      // Named outright, so that nothing goes to the world's registry, whatever npx has put into the environment.
      const here = { npm_config_userconfig: registry.npmrc, NPM_CONFIG_USERCONFIG: registry.npmrc }
      await run(root, { ...env, ...here }, ...pnpm, ...publish, '--registry', registry.url)
      console.log(`All packages are in a registry on this machine, after ${since(begun)}.`)
      let isGood = true
      for (const [at, part] of parts.entries()) {
        const stranger = await Stranger.settle(
          join(folder, `${at}-${part.manager}`),
          part.manager,
          registry,
          held,
        )
        if (at === 0) console.log(`Node ${(await stranger.run(folder, ['node', '--version'])).trim()}`)
        isGood = (await part.run(stranger, browser)) && isGood
        rmSync(stranger.folder, { recursive: true, force: true, maxRetries: 5 })
      }
      console.log(isGood ? '\nAll is well.' : '\nMore was installed than is aimed at.')
      return isGood
    } finally {
      registry.close()
    }
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    return false
  } finally {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

exit((await main()) ? 0 : 1)
