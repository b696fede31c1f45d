import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/root.ts'

/** The pages of the docs: the guides and the READMEs. */
export const pages: readonly string[] = [
  'README.md',
  ...globSync(['docs/*.md', 'packages/*/README.md'], { cwd: root }),
].sort()

/** A block of code in the docs. */
export interface Block {
  /** As in `docs/crud.md:12`. */
  readonly name: string
  /** The heading that it stands under. */
  readonly heading: string
  readonly code: string
}

/** The blocks of a language in a page, as in `blocksOf('docs/start.md', 'sh')`. */
export function blocksOf(page: string, language: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  const fences = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))
  return Array.from(fences, ({ 1: indent = '', 2: indented = '', index }) => {
    const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    const before = text.slice(0, index)
    const heading =
      before
        .match(/^#+ .*$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, '') ?? ''
    return { name: `${page}:${before.split('\n').length + 1}`, heading, code }
  })
}
