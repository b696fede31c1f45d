import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { code, p, rect, svg, svgText, svgTitle, table, td, th, tr } from '@localapp/core'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'

type Words = readonly (readonly [word: string, times: number])[]

export default class WordCount extends PipelinePlugin({
  name: 'word-count',
  steps: pipe()
    .ask('folder', {
      title: 'Choose a folder',
      help: 'Words of four letters and more are counted in its .txt and .md files, but not in hidden folders.',
      fields: { path: t.text({ default: process.cwd(), label: 'Folder' }) },
      check: ({ path }) => (existsSync(`${path}/.`) ? undefined : { path: `There is no folder “${path}”.` }),
    })
    .run('words', {
      title: 'Read and count',
      async run({ input, progress, signal }) {
        const exclude = (path: string) => /^(node_modules|\.\w.*)$/.test(basename(path))
        const files: string[] = []
        for await (const file of glob('**/*.{txt,md}', { cwd: input.path, exclude })) files.push(file)
        if (files.length === 0 || files.length > 1_000)
          throw new Error(`It takes 1 to 1,000 texts, and ${files.length} can be read in ${input.path}.`)
        const counts = new Map<string, number>()
        for (const [index, file] of files.sort().entries()) {
          progress(index, files.length, file)
          const text = (await readFile(join(input.path, file), { encoding: 'utf8', signal })).toLowerCase()
          for (const [word] of text.normalize().matchAll(/\p{L}{4,}/gu))
            counts.set(word, (counts.get(word) ?? 0) + 1)
        }
        return [...counts].sort(([, a], [, b]) => b - a).slice(0, 12)
      },
      show: ({ output }) => rows(output),
    })
    .approve('right', { title: 'Write a report?', show: ({ input }) => [chart(input), rows(input)] })
    .run('report', {
      title: 'Write the report',
      async run({ input, all, folder }) {
        const file = join(folder, 'report.md')
        const lines = input.map(([word, times]) => `| ${word} | ${times} |\n`).join('')
        await mkdir(folder, { recursive: true })
        await writeFile(file, `# Words in ${all.folder.path}\n\n| Word | Times |\n| --- | --- |\n${lines}`)
        return file
      },
      show: ({ output }) => p('The report is in ', code(output)),
    }),
}) {}

function rows(words: Words) {
  const cells = words.map(([word, times]) => tr(td(word), td(times)))
  return table(tr(th('Word'), th('Times')), cells)
}

function chart(words: Words) {
  const most = words[0]?.[1] ?? 1
  const bars = words.map(([word, times], i) => [
    svgText({ x: '38%', y: 24 * i + 17, 'text-anchor': 'end', fill: 'currentColor' }, word),
    rect({ class: 'bar', x: '40%', y: 24 * i + 2, height: 20, width: `${(60 * times) / most}%` }),
  ])
  const title = svgTitle('The most frequent words, as in the table')
  return svg({ class: 'chart', role: 'img', width: '100%', height: 24 * words.length }, title, bars)
}
