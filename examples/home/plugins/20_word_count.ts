import { readdirSync } from 'node:fs'
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cwd } from 'node:process'
import {
  code,
  type Html,
  p,
  rect,
  svg,
  svgText,
  svgTitle,
  table,
  tbody,
  td,
  th,
  thead,
  tr,
} from '@localapp/core'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'

type Words = readonly { readonly word: string; readonly times: number }[]

export default class WordCount extends PipelinePlugin({
  name: 'word-count',
  steps: pipe()
    .ask('folder', {
      title: 'Choose a folder',
      help: 'Its .txt and .md files are read, and those of the folders in it, but for hidden ones and node_modules.',
      fields: {
        folder: t.text({ default: cwd() }),
        letters: t.integer({ default: 4, min: 1, label: 'Letters of a word, at least' }),
      },
      check({ folder }) {
        try {
          readdirSync(folder)
          return undefined
        } catch {
          return { folder: `There is no folder “${folder}” that can be read.` }
        }
      },
    })
    .run('count', {
      title: 'Read and count',
      async run({ input, progress, signal }) {
        const exclude = (path: string) => /(^|[\\/])(node_modules|\.\w[^\\/]*)$/.test(path)
        const files: string[] = []
        for await (const file of glob('**/*.{txt,md}', { cwd: input.folder, exclude })) files.push(file)
        if (files.length > 1_000)
          throw new Error(`These are ${files.length} files. Choose a folder with 1,000 at most.`)
        const counts = new Map<string, number>()
        for (const [index, file] of files.entries()) {
          progress(index, files.length, file)
          const text = await readFile(join(input.folder, file), { encoding: 'utf8', signal })
          for (const [word] of text
            .normalize()
            .toLowerCase()
            .matchAll(/[\p{L}\p{M}]+/gu))
            if (word.length >= input.letters) counts.set(word, (counts.get(word) ?? 0) + 1)
        }
        const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, 20)
        return { files: files.length, words: sorted.map(([word, times]) => ({ word, times })) }
      },
      show: ({ output }) => p(`${output.files} files were read.`),
    })
    .approve('words', {
      title: 'Write the report?',
      show: ({ input }) => [chart(input.words), list(input.words)],
    })
    .run('report', {
      title: 'Write the report',
      async run({ input, all, folder }) {
        const lines = input.words.map(({ word, times }) => `| ${word} | ${times} |`)
        const head = [
          `# Words in ${all.folder.folder}`,
          '',
          `${input.files} files`,
          '',
          '| Word | Times |',
          '| --- | ---: |',
        ]
        await mkdir(folder, { recursive: true })
        const file = join(folder, 'report.md')
        await writeFile(file, [...head, ...lines, ''].join('\n'))
        return { file }
      },
      show: ({ output }) => p('The report is in ', code(output.file)),
    }),
}) {}

function chart(words: Words): Html {
  const most = words[0]?.times ?? 1
  const bars = words.map(({ word, times }, index) => {
    const [y, width] = [24 * index, (50 * times) / most]
    const label = svgText({ x: '38%', y: y + 17, 'text-anchor': 'end', fill: 'currentColor' }, word)
    return [label, rect({ class: 'bar', x: '40%', y: y + 4, width: `${width}%`, height: 16 })]
  })
  const title = svgTitle('The most frequent words, as in the table')
  return svg({ class: 'chart', role: 'img', width: '100%', height: 24 * words.length }, title, bars)
}

function list(words: Words): Html {
  return table(
    thead(tr(th('Word'), th('Times'))),
    tbody(words.map(({ word, times }) => tr(td(word), td(times)))),
  )
}
