import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../scripts/root.ts'
import type { Block } from './blocks.ts'

/** From here the packages are found as an app of a user's finds them. */
export const home = join(root, 'examples/home')

/** What the compiler finds in blocks of code, each with its place. */
export function problemsOf(
  blocks: readonly Block[],
  nameOf: (at: number, block: Block) => string,
  more: object,
): string[] {
  const files = new Map(blocks.map((block, at) => [join(home, nameOf(at, block)), block.code]))
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file) ?? readFile(file)
  const loose = {
    noUnusedLocals: false,
    noImplicitOverride: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
  const program = ts.createProgram([...files.keys()], { ...options, ...loose, ...more }, host)
  return [...files.keys()].flatMap((file, i) => {
    const source = program.getSourceFile(file)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ messageText, start = 0 }) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0
      return `${blocks[i]?.name} +${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
}
