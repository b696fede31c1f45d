/**
 * The whole test run: `pnpm test`. Every part runs, whatever the others say, and the last line counts.
 * `--all` adds the build, the packages as published, their public types, the flakes, a new app, and the API docs. Under `CI=true` a skipped test is a failure.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'
import { findBrowser, installHint } from './browser.ts'
import { checkLayout } from './layout.ts'
import { root } from './root.ts'
import { checkTokens } from './tokens.ts'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

const failedChecks: string[] = []

/** Runs one part under a heading, and tells whether it went well. */
function part(name: string, run: () => boolean): boolean {
  const begun = performance.now()
  console.log(`\n── ${name}`)
  const ok = attempt(run)
  console.log(`${ok ? 'ok' : 'FAILED'}, ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  return ok
}

function attempt(run: () => boolean): boolean {
  try {
    return run()
  } catch (error) {
    console.log(error)
    return false
  }
}

/** Runs a part that is no test; when it fails it counts as one failed test. */
function check(name: string, run: () => boolean): void {
  if (!part(name, run)) failedChecks.push(name)
}

/** Runs Node in a folder of the workspace, its output on the screen. */
function node(folder: string, ...options: string[]): boolean {
  return spawnSync(execPath, options, { cwd: join(root, folder), stdio: 'inherit' }).status === 0
}

/** Runs a tool of the workspace by its file under node_modules. */
function tool(file: string, ...options: string[]): boolean {
  return node('.', join('node_modules', file), ...options)
}

/** Builds every package, and imports what came out as an app does that has it from a registry. */
function build(): boolean {
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js')
  const names = readdirSync(join(root, 'packages'))
  const built = names.map((name) => node(join('packages', name), tsup))
  const libraries = names.filter((name) => name !== 'create-localapp')
  const imports = libraries.map((name) => `await import('@localapp/${name}')`)
  return built.every(Boolean) && node('examples/home', '--input-type=module', '--eval', imports.join('\n'))
}

/** Runs vitest and adds its tests to the counts. */
function runTests(counts: Counts): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-test-'))
  const file = join(folder, 'report.json')
  const projects = browser === undefined ? ['--project=unit'] : []
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  try {
    const ended = tool(vitest, 'run', ...projects, ...reporters)
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests
    counts.skipped += report.numPendingTests + report.numTodoTests
    // A file that fails before its first test, or an error outside any test, is in no count of vitest's.
    if (!ended && report.numFailedTests === 0) failedChecks.push('an error outside any test')
    return ended
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Says which browser tests are left out for want of a browser, and counts them as skipped. */
function leaveOutBrowserTests(counts: Counts): void {
  const command = [join('node_modules', vitest), 'list', '--project=browser', '--json']
  const listed = execFileSync(execPath, command, { cwd: root, encoding: 'utf8' })
  const tests = JSON.parse(listed) as { name: string }[]
  counts.skipped += tests.length
  console.log(`\nNo Chromium or Chrome was found, so ${tests.length} browser tests were left out:`)
  for (const test of tests) console.log(`  ${test.name}`)
  console.log(installHint)
}

const vitest = 'vitest/vitest.mjs'
const all = argv.includes('--all')
const underCi = env.CI === 'true'
const browser = findBrowser()
const counts: Counts = { passed: 0, failed: 0, skipped: 0 }

check('format and lint (biome)', () => tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'))
check('types', () => tool('typescript/bin/tsc', '-p', 'tsconfig.json'))
check('types that are published', () => tool('typescript/bin/tsc', '-p', 'tsconfig.packages.json'))
check('types of the tests of the whole', () => tool('typescript/bin/tsc', '-p', 'tests'))
check('layout', checkLayout)
check('tokens (o200k_base)', checkTokens)
if (all) {
  check('build (tsup)', build)
  check('docs (typedoc)', () => tool('typedoc/bin/typedoc'))
  check('packages as published (publint, attw, size)', () => node('.', 'scripts/packed.ts'))
  check('public types (api.txt)', () => node('.', 'scripts/api.ts'))
  check('flakes (nix)', () => node('.', 'scripts/flake.ts'))
  check('from nothing to a published plugin (npm)', () =>
    node('.', 'scripts/registry.ts', 'walk', 'existing', '--built'),
  )
}
part('tests (vitest)', () => runTests(counts))
if (browser === undefined) leaveOutBrowserTests(counts)
if (underCi && counts.skipped > 0) failedChecks.push('no test may be skipped under CI')

if (failedChecks.length > 0) console.log(`\nFailed: ${failedChecks.join('; ')}`)
counts.failed += failedChecks.length
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
exit(counts.failed > 0 ? 1 : 0)
