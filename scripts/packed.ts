/**
 * Looks at all packages as they are published: `node scripts/packed.ts`, after a build. Says what each weighs packed,
 * and fails past its limit, where publint or attw finds something, or where the manifest or the files are not right.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { argv, execPath, exit } from 'node:process'
import { packAll } from './command.ts'
import { root } from './root.ts'

/** What a package may weigh packed, in kB: some more than it does. Any other package has 50. */
export const limits: Readonly<Record<string, number>> = {
  '@localapp/core': 210,
  '@localapp/docs': 950,
  '@localapp/llm': 35,
  '@localapp/pipeline': 50,
  '@localapp/admin': 50,
  '@localapp/crud': 45,
  '@localapp/inspector': 25,
  '@localapp/mcp': 25,
  '@localapp/models': 55,
  '@localapp/widgets': 30,
  'create-localapp': 20,
}

/** The part of a published package.json that is looked at. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly license?: string
  readonly type?: string
  readonly sideEffects?: boolean
  readonly engines?: { readonly node?: string }
  readonly files?: readonly string[]
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Tells what is wrong with a packed package, by its manifest, its files and its size in bytes; a sentence each. */
export function problemsOfPacked(manifest: Manifest, files: readonly string[], bytes: number): string[] {
  const { name, keywords = [], engines, exports = {}, bin = {} } = manifest
  const problems: string[] = []
  const expect = (isRight: boolean, sentence: string): void => {
    if (!isRight) problems.push(sentence)
  }
  expect(manifest.license === 'MIT', 'its licence is not MIT')
  expect(manifest.type === 'module', 'it is not "type": "module"')
  expect((manifest.description ?? '').length > 20, 'it has no description')
  expect(keywords.includes('localapp') && keywords.length > 2, 'it has no keywords, or “localapp” is not one')
  expect(/^>=2[024]\.\d+$/.test(engines?.node ?? ''), 'engines does not say which Node it needs')
  expect(manifest.files?.includes('README.md') ?? false, 'files does not name README.md')
  for (const file of ['LICENSE', 'README.md', 'package.json'])
    expect(files.includes(file), `${file} is not in it`)
  for (const name of manifest.files ?? [])
    expect(
      files.some((file) => file === name || file.startsWith(`${name}/`)),
      `there is nothing of ${name} in it`,
    )
  for (const file of files.filter((file) => /^(src|node_modules)\/|\.tgz$/.test(file)))
    problems.push(`${file} is in it`)
  const entries = Object.entries(exports).filter(([path]) => path !== './package.json')
  expect(entries.length > 0 || Object.keys(bin).length > 0, 'it has neither exports nor a command')
  if (entries.length > 0) expect(manifest.sideEffects === false, 'it does not say "sideEffects": false')
  for (const [path, targets] of entries) {
    const names = typeof targets === 'string' ? [] : Object.keys(targets)
    expect(names.join() === 'types,default', `${path} of its exports is not types, then default`)
  }
  const named = [...entries.flatMap(([, targets]) => Object.values(targets)), ...Object.values(bin)]
  for (const file of named)
    expect(files.includes(file.replace('./', '')), `${file}, which it names, is missing`)
  for (const [needed, version] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }))
    expect(!version.startsWith('workspace:'), `it asks for ${needed} of this workspace`)
  const limit = limits[name] ?? 50
  expect(bytes <= limit * 1000, `it weighs ${kilobytes(bytes)} packed; its limit is ${limit} kB`)
  return problems
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

/** Runs a tool of the workspace on a packed package; what it says where it finds something. */
function problemsOfTool(name: string, script: string, ...args: string[]): string[] {
  const file = join(root, 'node_modules', script)
  const ran = spawnSync(execPath, [file, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return ran.status === 0 ? [] : [`${name} says:\n${ran.stdout}${ran.stderr}`]
}

function readPacked(tarball: string): { manifest: Manifest; files: string[] } {
  // In its folder, for the tar of Git on Windows takes C: for the name of a machine.
  const [cwd, file] = [dirname(tarball), basename(tarball)]
  const tar = (...args: string[]): string => execFileSync('tar', args, { cwd, encoding: 'utf8' })
  const files = tar('-tzf', file).trim().split(/\r?\n/)
  const manifest = JSON.parse(tar('-xzOf', file, 'package/package.json')) as Manifest
  return { manifest, files: files.map((file) => file.replace('package/', '')) }
}

/** Packs all packages and prints what is wrong with them; tells whether nothing is. */
function checkPacked(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-packed-'))
  let isGood = true
  try {
    packAll(folder)
    for (const file of readdirSync(folder)) {
      const tarball = join(folder, file)
      const { size } = statSync(tarball)
      const { manifest, files } = readPacked(tarball)
      const problems = problemsOfPacked(manifest, files, size)
      problems.push(...problemsOfTool('publint', 'publint/src/cli.js', tarball, '--strict'))
      const attw = '@arethetypeswrong/cli/dist/index.js'
      if (manifest.exports) problems.push(...problemsOfTool('attw', attw, tarball, '--profile', 'esm-only'))
      const packedSize = kilobytes(size).padStart(9)
      console.log(
        `${manifest.name.padEnd(20)}${packedSize} of ${limits[manifest.name] ?? 50} kB, ${files.length} files`,
      )
      for (const problem of problems) console.log(`  ${problem}`)
      isGood &&= problems.length === 0
    }
    return isGood
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The manifests of the packages, as they are in the repository. */
export function manifests(): Manifest[] {
  return readdirSync(join(root, 'packages')).map(
    (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest,
  )
}

if (argv[1] === import.meta.filename) exit(checkPacked() ? 0 : 1)
