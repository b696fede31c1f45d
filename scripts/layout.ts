import { globSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix } from 'node:path'
import { argv, exit } from 'node:process'
import typescript from 'typescript'
import { root } from './root.ts'

const maxLines = 300

/** The folders of core: each may import from those before it, never from those after it. */
const coreFolders = ['error', 'html', 'field', 'storage', 'action', 'page', 'plugin', 'server', 'app']

/** Where core is put together, so these may import any folder. */
const coreEntries = /^packages\/core\/src\/(index\.ts|testing\/.*|app\/bin\.ts)$/

/** Tells what is wrong with one file of a package's `src`, a sentence each. */
function problemsOfSource(file: string, text: string): string[] {
  const lines = text.trimEnd().split('\n').length
  const long =
    lines < maxLines || file.endsWith('.test.ts') ? [] : [`${lines} lines; a file stays under ${maxLines}.`]
  if (!file.endsWith('.ts')) return long
  const imports = typescript.preProcessFile(text).importedFiles
  return [...long, ...imports.flatMap(({ fileName }) => problemOfImport(file, fileName) ?? [])]
}

/**
 * What a package stands on beside core: the assistant on the interface of models, which it passes on, and who looks on
 * knows that interface; kinds of step are steps, as a stranger's are.
 */
const beside: Readonly<Record<string, string>> = { llm: 'models', inspector: 'models', steps: 'pipeline' }

/** Tells why a file must not import a name; undefined when it may. */
export function problemOfImport(file: string, name: string): string | undefined {
  const [, ownPackage = ''] = file.split('/')
  const isTest = file.endsWith('.test.ts')
  if (name.startsWith('@localapp/')) {
    const allowed =
      isTest || file.includes('/testing/') ? ['@localapp/core', '@localapp/core/testing'] : ['@localapp/core']
    if (ownPackage !== 'core' && allowed.includes(name)) return undefined
    const other = allowed.map((entry) => entry.replace('core', beside[ownPackage] ?? 'core'))
    if (ownPackage !== 'core' && other.includes(name)) return undefined
    return `imports ${name}; a package may import @localapp/core alone, and core no package of ours.`
  }
  if (!name.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(file), name)
  if (!target.startsWith(`packages/${ownPackage}/src/`)) return `imports ${name}, outside its own src.`
  if (ownPackage !== 'core' || isTest || coreEntries.test(file)) return undefined
  const from = coreFolders.indexOf(folderOf(file))
  const to = coreFolders.indexOf(folderOf(target))
  if (from < 0) return `stands in ${folderOf(file)}, a folder that scripts/layout.ts does not list.`
  if (to < 0 || to > from) return `imports ${name}; ${folderOf(file)} may not know ${folderOf(target)}.`
  return undefined
}

/** The folder of core that a file stands in: its first one under src, or the file's own name. */
function folderOf(file: string): string {
  return file.split('/')[3] ?? file
}

/** Finds paths that only this or some other machine has. */
function machinePaths(text: string): string[] {
  const here = [root, homedir()].filter((path) => path.length > 1)
  const found = here.filter((path) => text.includes(`${path}/`))
  return [...found, ...(text.match(/(?<![\w.-])(\/home\/[a-z]+\/|\/Users\/\w+\/|[A-Z]:\\Users\\)/g) ?? [])]
}

/** Prints each file that breaks the layout, and tells whether none does. */
export function checkLayout(): boolean {
  const sources = filesOf('packages/*/src/**/*.{ts,js,css,sql}')
  const written = [...filesOf('**/*.{ts,js,css,md,json,yaml,nix}'), '.ci/run']
  const read = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')
  const problems = [
    ...sources.flatMap((file) => problemsOfSource(file, read(file)).map((problem) => `${file}: ${problem}`)),
    ...written.flatMap((file) =>
      machinePaths(read(file)).map((path) => `${file}: names the machine path ${path}`),
    ),
  ]
  for (const problem of problems) console.log(problem)
  console.log(`${sources.length} source files, ${problems.length} problems`)
  return problems.length === 0
}

/** Finds files of the repository, named with forward slashes; what was installed or made is left out. */
function filesOf(pattern: string): string[] {
  const made = /(^|[\\/])(node_modules|dist|packages[\\/]docs[\\/]site|examples[\\/]\w+[\\/]data)$/
  const files = globSync(pattern, { cwd: root, exclude: (path) => made.test(path) })
  return files.map((file) => file.replaceAll('\\', '/'))
}

if (argv[1] === import.meta.filename) exit(checkLayout() ? 0 : 1)
