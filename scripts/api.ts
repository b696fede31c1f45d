/**
 * The public types of each package in a text file, `packages/<name>/api.txt`, from the built `.d.ts`:
 * `node scripts/api.ts` compares, `--write` writes, and `--released` notes that these types are published now.
 * Comparing fails where the file is not what was built, and where types changed since the release and no change file
 * in `.changeset` names the package.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { argv, exit } from 'node:process'
import typescript from 'typescript'
import { type Manifest, manifests } from './packed.ts'
import { root } from './root.ts'

const unreleased = 'nothing yet'

/** Lists what the entries of a package export, and each type that can be reached from there, by name. */
export function reportOf(name: string, entries: Readonly<Record<string, string>>, folder: string): string {
  const { ModuleKind, ModuleResolutionKind, ScriptTarget, SymbolFlags } = typescript
  const program = typescript.createProgram(Object.values(entries), {
    module: ModuleKind.NodeNext,
    moduleResolution: ModuleResolutionKind.NodeNext,
    target: ScriptTarget.ES2024,
    types: ['node'],
    noEmit: true,
  })
  const checker = program.getTypeChecker()
  const printer = typescript.createPrinter({ removeComments: true, newLine: typescript.NewLineKind.LineFeed })
  const own = resolve(folder)
  const seen = new Map<typescript.Symbol, string>()

  const target = (symbol: typescript.Symbol): typescript.Symbol =>
    symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

  function add(symbol: typescript.Symbol): void {
    if (seen.has(symbol)) return
    const statements = (symbol.declarations ?? []).flatMap((declaration) => statementOf(declaration) ?? [])
    const ours = statements.filter((statement) => resolve(statement.getSourceFile().fileName).startsWith(own))
    if (ours.length === 0) return
    seen.set(
      symbol,
      ours
        .map((node) =>
          printer
            .printNode(typescript.EmitHint.Unspecified, node, node.getSourceFile())
            .replace(/^declare /, '')
            // The compiler writes what it infers in an order that differs from build to build.
            .replace(/"[^"\n]*"(?: \| "[^"\n]*")+/g, (union) => union.split(' | ').sort().join(' | ')),
        )
        .join('\n'),
    )
    for (const statement of ours) visit(statement)
  }

  function visit(node: typescript.Node): void {
    if (typescript.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node)
      if (symbol) add(target(symbol))
    }
    typescript.forEachChild(node, visit)
  }

  const lines: string[] = []
  for (const [path, file] of Object.entries(entries)) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${file} is no module. Build the packages first: npx --yes pnpm@12 build`)
    lines.push(`exports of ${join(name, path).replaceAll('\\', '/')}`)
    for (const exported of checker.getExportsOfModule(module).sort(byName)) {
      const meant = target(exported)
      lines.push(exported.name === meant.name ? `  ${exported.name}` : `  ${exported.name}: ${meant.name}`)
      add(meant)
    }
    lines.push('')
  }
  const declarations = [...seen].sort(
    ([a, textOfA], [b, textOfB]) => byName(a, b) || compare(textOfA, textOfB),
  )
  return `${[...lines, ...new Set(declarations.map(([, text]) => `${text}\n`))].join('\n')}`
}

/** The statement of a module that declares something; undefined for what is declared inside of another. */
function statementOf(declaration: typescript.Declaration): typescript.Statement | undefined {
  const node = typescript.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
  return typescript.isStatement(node) && typescript.isSourceFile(node.parent) ? node : undefined
}

function byName(a: typescript.Symbol, b: typescript.Symbol): number {
  return compare(a.name, b.name)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The packages that the pending change files name. */
export function namedByChanges(files: readonly string[]): Set<string> {
  const heads = files.map((text) => /^---\r?\n(.*?)\r?\n---/s.exec(text)?.[1] ?? '')
  return new Set(
    heads
      .flatMap((head) => [...head.matchAll(/^["']?([^"':]+)["']?: *(?:patch|minor|major)\b/gm)])
      .map((found) => String(found[1])),
  )
}

/** Tells what is wrong with a kept report; undefined where nothing is. */
export function problemOfReport(kept: Kept, built: string, hasChange: boolean): string | undefined {
  if (kept.body !== built)
    return hasChange
      ? 'is not what was built. Write it: npx --yes pnpm@12 run api'
      : 'is not what was built. Say what changed: npx --yes pnpm@12 change; then npx --yes pnpm@12 run api'
  if (digestOf(built) === kept.released || hasChange) return undefined
  return 'has changed since the release. Say what changed: npx --yes pnpm@12 change'
}

/** A report as it is kept: the digest of the one that was released last, and the report. */
interface Kept {
  readonly released: string
  readonly body: string
}

function readKept(file: string): Kept {
  if (!existsSync(file)) return { released: unreleased, body: '' }
  const [, released = unreleased, body = ''] =
    /^As released: ([^\n]*)\n\n(.*)$/s.exec(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')) ?? []
  return { released, body }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function entriesOf({ exports = {} }: Manifest, folder: string): Record<string, string> {
  const typed = Object.entries(exports).flatMap(([path, targets]) =>
    typeof targets === 'object' && targets.types ? [[path, join(folder, targets.types)]] : [],
  )
  return Object.fromEntries(typed) as Record<string, string>
}

/** Compares the reports of all packages, or writes them; tells whether all is well. */
function checkApi(write: boolean, release: boolean): boolean {
  const changes = globSync('.changeset/*.md', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  )
  const named = namedByChanges(changes)
  let isGood = true
  for (const manifest of manifests()) {
    const folder = join(root, 'packages', manifest.name.replace('@localapp/', ''))
    const entries = entriesOf(manifest, folder)
    if (Object.keys(entries).length === 0) continue
    const file = join(folder, 'api.txt')
    const built = reportOf(manifest.name, entries, join(dirname(Object.values(entries)[0] ?? folder)))
    const before = readKept(file)
    const kept = { released: release ? digestOf(built) : before.released, body: built }
    if (write || release) writeFileSync(file, `As released: ${kept.released}\n\n${kept.body}`)
    const problem = problemOfReport(write || release ? kept : before, built, named.has(manifest.name))
    console.log(
      `${manifest.name.padEnd(20)}${problem ? `api.txt ${problem}` : `${built.split('\n').length} lines`}`,
    )
    if (!problem) continue
    isGood = false
    for (const line of differences(before.body, built)) console.log(`  ${line}`)
  }
  return isGood
}

/** The lines that only one of two texts has. */
function differences(before: string, after: string): string[] {
  const old = new Set(before.split('\n'))
  const now = new Set(after.split('\n'))
  const gone = [...old].filter((line) => !now.has(line)).map((line) => `- ${line}`)
  return [...gone, ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`)].slice(0, 40)
}

if (argv[1] === import.meta.filename)
  exit(checkApi(argv.includes('--write'), argv.includes('--released')) ? 0 : 1)
