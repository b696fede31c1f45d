import { globSync, readFileSync } from 'node:fs'
import { argv, exit } from 'node:process'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { contextFile } from './context.ts'
import { root } from './root.ts'

const packages = ['core', 'crud', 'pipeline', 'llm']

/** The most that the four packages may take together, because a model reads them at once. */
const limit = 80_000

/** `admin` stands apart: it looks after an app, and nobody needs it to write a plugin. */
const adminLimit = 10_000

/** Counts the tokens (o200k_base) of a package's source, comments included, tests and `testing/` left out. */
function tokensOf(name: string): number {
  const files = globSync(`packages/${name}/src/**/*.{ts,js,css,sql}`, { cwd: root, exclude: isTest })
  const texts = files.map((file) => readFileSync(`${root}/${file}`, 'utf8'))
  return texts.reduce((sum, text) => sum + countTokens(text, { disallowedSpecial: new Set() }), 0)
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || /(^|[\\/])testing($|[\\/])/.test(path)
}

/** Prints tokens by package and tells whether they are within what they may take. */
export function checkTokens(): boolean {
  const counts = packages.map((name) => [name, tokensOf(name)] as const)
  const admin = tokensOf('admin')
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  const context = countTokens(readFileSync(contextFile, 'utf8'))
  const rest = [
    ['together', total],
    ['limit', limit],
    ['admin', admin],
    ['context', context],
  ] as const
  for (const [name, count] of [...counts, ...rest]) {
    console.log(`${name.padEnd(10)}${count.toLocaleString('en').padStart(8)}`)
  }
  if (total > limit) console.log(`The four packages are ${total - limit} tokens over their limit. Simplify.`)
  if (admin > adminLimit) console.log(`admin may take ${adminLimit}. Simplify.`)
  return total <= limit && admin <= adminLimit
}

if (argv[1] === import.meta.filename) exit(checkTokens() ? 0 : 1)
