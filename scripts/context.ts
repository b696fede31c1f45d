import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { root } from './root.ts'

/** What `localapp context` prints, which has to work where there are no docs. */
export const contextFile = `${root}/packages/admin/src/context.md`

/** The pages, in the order in which they are read, and headings that somebody who writes a plugin can do without. */
const pages = [
  'llms.txt',
  'fields.md',
  'actions.md',
  'pages.md',
  'crud.md',
  'pipelines.md',
  'plugins.md',
  'testing.md',
]
const left = [
  'Docs',
  'Optional',
  'To build a kind of plugin',
  'A package',
  'A table',
  'A pipeline',
  'A kind of step',
  'Work that takes long',
  'Steps that may be skipped',
  'In a pipe',
  'A model',
]

/** Makes the pack from the docs: what a language model needs to write a plugin. */
export function contextPack(): string {
  const texts = pages.map((page) => readFileSync(`${root}/docs/${page}`, 'utf8'))
  const sections = texts.join('\n').split(/^(?=##? )/m)
  const kept = sections.filter((section) => !left.some((heading) => section.startsWith(`## ${heading}\n`)))
  // Links lead nowhere outside the docs.
  return kept
    .join('')
    .replaceAll(/^!\[.*\n+/gm, '')
    .replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .concat('\n')
}

if (argv[1] === import.meta.filename) writeFileSync(contextFile, contextPack())
