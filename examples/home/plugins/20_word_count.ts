import { statSync } from 'node:fs'
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { code, p, rect, svg, svgText, svgTitle, table, td, th, tr } from '@localapp/core'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'

type Words = readonly { readonly word: string; readonly times: number }[]

export default class WordCount extends PipelinePlugin({
  name: 'word-count',
  steps: pipe()
    .ask('folder', {
      title: 'Choose a folder',
      help: 'Its .txt and .md files are read, also in folders inside it; hidden ones and node_modules are not.',
      fields: {
        folder: t.text({ default: process.cwd() }),
        letters: t.integer({ label: 'Shortest word', default: 4 }),
      },
      check: ({ folder }) =>
        statSync(folder, { throwIfNoEntry: false })?.isDirectory()
          ? undefined
          : { folder: `“${folder}” is no folder.` },
    })
    .run('count', {
      title: 'Read and count',
      async run({ input, progress, signal }) {
        const files: string[] = []
        const exclude = (path: string) => /(^|[\\/])(node_modules|\.\w[^\\/]*)$/.test(path)
        for await (const file of glob('**/*.{txt,md}', { cwd: input.folder, exclude })) files.push(file)
        if (files.length === 0) throw new Error(`No .txt or .md file in ${input.folder} can be read.`)
        if (files.length > 1_000) throw new Error(`These are ${files.length} files; 1,000 are the most.`)
        const counts = new Map<string, number>()
        for (const [index, file] of files.sort().entries()) {
          progress(index, files.length, file)
          const text = await readFile(join(input.folder, file), { encoding: 'utf8', signal })
          for (const word of text
            .normalize()
            .toLowerCase()
            .match(/[\p{L}\p{M}]+/gu) ?? [])
            if (word.length >= input.letters) counts.set(word, (counts.get(word) ?? 0) + 1)
        }
        const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, 20)
        return { files: files.length, words: sorted.map(([word, times]) => ({ word, times })) }
      },
      show: ({ output }) => p(`Files: ${output.files}`),
    })
    .approve('words', {
      title: 'Write the report?',
      show: ({ input: { words } }) => [chart(words), rows(words)],
    })
    .run('report', {
      title: 'Write the report',
      async run({ input, all, folder }) {
        const file = join(folder, 'report.md')
        const lines = input.words.map(({ word, times }) => `| ${word} | ${times} |`)
        await mkdir(folder, { recursive: true })
        await writeFile(
          file,
          [`# Words in ${all.folder.folder}\n`, '| Word | Times |', '| --- | --- |', ...lines, ''].join('\n'),
        )
        return { file }
      },
      show: ({ output }) => p('The report is in ', code(output.file)),
    }),
}) {}

const rows = (words: Words) =>
  table(
    tr(th('Word'), th('Times')),
    words.map(({ word, times }) => tr(td(word), td(times))),
  )

function chart(words: Words) {
  const bars = words.map(({ word, times }, index) => [
    svgText({ x: '38%', y: 24 * index + 17, 'text-anchor': 'end', fill: 'currentColor' }, word),
    rect({
      class: 'bar',
      x: '40%',
      y: 24 * index,
      height: 20,
      width: `${(60 * times) / (words[0]?.times ?? 1)}%`,
    }),
  ])
  const title = svgTitle('The most frequent words, as in the table')
  return svg({ class: 'chart', role: 'img', width: '100%', height: 24 * words.length }, title, bars)
}
