import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { filesFor, inFlakeOf, inWordsOf, type Manager } from './manager.ts'
import type { Names } from './name.ts'
import { Refusal } from './refusal.ts'

/** What a project can start from, and what to call it where nobody says. */
export const templates = {
  app: { says: 'an app: plugins in a folder, a to-do list to begin with', usualName: 'my-app' },
  plugin: { says: 'a plugin package, ready to publish', usualName: 'localapp-notes' },
  'single-file': { says: 'an app in one file', usualName: 'my-app' },
} as const

export type Template = keyof typeof templates

/** All that decides what is written. */
export interface Project {
  readonly names: Names
  readonly template: Template
  /** A model of Ollama's; `none` leaves the assistant out; undefined takes the first that can use tools. */
  readonly model: string | undefined
  readonly manager: Manager
  /** The Node that is there, as in `20.20.2`. */
  readonly node: string
}

/** The part of a package.json that is changed here. */
interface Manifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  /** Whose install scripts npm runs. */
  allowScripts?: Record<string, boolean>
}

/** The Node that a project brings along where there is an older one than apps need. */
export const ownNode = '24.21.0'

/** What vitest asks the project for. Yarn alone leaves it to the project to have it. */
export const vite = '8.3.8'

const home = dirname(import.meta.dirname)
const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }

/** Tells whether this Node runs TypeScript as it is. */
export function isNewEnough(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  return major > 22 ? major > 23 || minor >= 6 : major === 22 && minor >= 18
}

/** Throws a {@link Refusal} unless a folder is free: not there, empty, or a new repository of git's. */
export function expectFree(folder: string): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory())
    throw new Refusal(`${folder} is a file. Choose another name, or move it away.`)
  if (readdirSync(folder).every((name) => name === '.git')) return
  throw new Refusal(`The folder ${folder} is not empty. Choose another name, or empty it.`)
}

/** Writes a project into a folder that is free. Nothing that is there is ever overwritten. */
export function writeProject(folder: string, project: Project): void {
  const source = join(home, 'templates', project.template)
  const write = (name: string, text: string): void => {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { flag: 'wx' })
  }
  for (const file of filesIn(source)) {
    const text = named(readFileSync(file, 'utf8'), project)
    // npm keeps a .gitignore and a package.json inside a package to itself, so they have other names there.
    const name = relative(source, file)
      .replace(/_(?=gitignore$)/, '.')
      .replace(/_(?=package\.json$)/, '')
    if (name === 'package.json') write(name, manifestOf(text, project))
    else if (name === 'AGENTS.md')
      write(name, `${text}\n${readFileSync(join(home, 'templates/AGENTS.md'), 'utf8')}`)
    else write(name, text)
  }
  for (const [name, text] of Object.entries(filesFor(project.manager))) write(name, text)
  if (project.template === 'single-file') return
  const flake = readFileSync(join(home, 'templates/flake.nix'), 'utf8')
  write('flake.nix', inFlakeOf(project.manager, named(flake, project)))
}

/** Folder by folder, for Yarn runs this from inside a zip file, where a recursive listing does not work. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}

/** Makes a folder a repository of git's, unless it is in one already or there is no git. */
export function initGit(folder: string): void {
  const git = (...args: string[]): boolean =>
    spawnSync('git', args, { cwd: folder, stdio: 'ignore' }).status === 0
  if (git('rev-parse', '--is-inside-work-tree') || !git('init', '--quiet')) return
  // Nix sees no file that git does not know.
  if (existsSync(join(folder, 'flake.nix'))) git('add', '--intent-to-add', 'flake.nix')
}

function named(text: string, { names, manager, model }: Project): string {
  const own: Record<string, string> = {
    'my-package': names.packageName,
    'my-plugin': names.plugin,
    MyPlugin: names.className,
    'My title': names.title,
  }
  const placeholder = new RegExp(Object.keys(own).join('|'), 'g')
  return withModel(inWordsOf(manager, text), model).replace(placeholder, (found) => own[found] ?? found)
}

function withModel(text: string, model: string | undefined): string {
  if (model === undefined) return text
  if (model === 'none')
    return text
      .replace(/^import .*@localapp\/llm'\n/m, '')
      .replace(', assistant()', '')
      .replace(/^The assistant in .*?\n\n/ms, '')
  return text
    .replace('ollama pull qwen3:4b', `ollama pull ${model}`)
    .replace(/import \{ assistant \}/, 'import { assistant, ollama }')
    .replace('assistant()]', `assistant({ model: ollama('${model}') })]`)
}

function manifestOf(text: string, { names, manager, model, node }: Project): string {
  const manifest = JSON.parse(text) as Manifest
  manifest.name = names.packageName
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest
  for (const list of [dependencies, devDependencies, peerDependencies]) {
    for (const name of Object.keys(list)) if (name.startsWith('@localapp/')) list[name] = `^${version}`
    if (model === 'none') delete list['@localapp/llm']
  }
  if (!isNewEnough(node)) {
    if (manifest.peerDependencies) devDependencies.node = ownNode
    else dependencies.node = ownNode
  }
  if (manager.name === 'yarn' && devDependencies.vitest) devDependencies.vite = vite
  const needed = { ...dependencies, ...devDependencies }
  const scripts = [needed.node && 'node', needed.tsup && 'esbuild'].filter((name) => name !== undefined)
  if (manager.name === 'npm' && scripts.length > 0)
    manifest.allowScripts = Object.fromEntries(scripts.map((name) => [name, true]))
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}
