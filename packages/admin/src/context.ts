import { globSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from '@localapp/core'

const packages = ['core', 'crud', 'pipeline', 'llm']

/** Prints what a language model needs to write a plugin, or all that the framework is. */
export const context: Command = {
  name: 'context',
  usage: 'context [--full]',
  summary: 'Prints what a language model has to know to write a plugin: under 8,000 tokens.',
  options: { full: { type: 'boolean', help: 'The whole framework instead, under 95,000.' } },
  run({ options: { full }, out, note }) {
    const files = full ? packages.flatMap(filesOf) : []
    const guide = readFileSync(new URL('./context.md', import.meta.url), 'utf8')
    const sources = files.map(([name, file]) => `\n// ${name}\n${readFileSync(file, 'utf8')}`)
    const text = guide + sources.join('')
    out(text.trimEnd())
    note(`About ${(Math.round(text.length / 400) * 100).toLocaleString('en')} tokens.`)
    return 0
  },
}

/** The sources of a package, or what its package has of them: its types. */
function filesOf(name: string): [string, string][] {
  const folder = folderOf(name)
  if (folder === undefined) return []
  const found = globSync(['src/**/*.{ts,js,css}', 'dist/**/*.d.ts'], { cwd: folder }).sort()
  const sources = found.filter((file) => file.startsWith('src'))
  return (sources.length > 0 ? sources : found)
    .filter((file) => !/\.test\.ts$|[\\/]testing[\\/]/.test(file))
    .map((file) => [`@localapp/${name}/${file}`, join(folder, file)])
}

/** An app need not have all of the packages. */
function folderOf(name: string): string | undefined {
  try {
    const manifest = findPackageJSON(`@localapp/${name}`, pathToFileURL(join(process.cwd(), 'package.json')))
    return manifest && dirname(manifest)
  } catch {
    return undefined
  }
}
