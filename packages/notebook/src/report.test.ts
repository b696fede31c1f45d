import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostile } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import type { RunFile } from './files.ts'
import { reportOf } from './report.ts'
import type { ShownRun } from './run.ts'

const run = (...outputs: unknown[]): ShownRun => ({
  id: 3,
  state: 'waiting',
  createdAt: '2026-11-24T09:30:00.000Z',
  error: '',
  pipeline: 'price-watch',
  title: 'Price watch 3',
  steps: outputs.map((output, i) => ({
    id: `step-${i}`,
    title: `Step ${i}`,
    state: output === undefined ? 'later' : 'done',
    output,
  })),
})

test('each step with what it gave: records as a table, fields as one, text and JSON between fences', () => {
  expect(
    reportOf(
      run(
        { product: 'Teapot', urls: ['a', 'b'] },
        { offers: [{ shop: 'A|B', price: 1 }, { shop: '*c*' }] },
        'Done.',
        [1, 2],
        undefined,
      ),
      [],
    ),
  ).toBe(`# Price watch 3

Started 2026-11-24 09:30 UTC · waiting

## 1. Step 0

| field | value |
| --- | --- |
| product | Teapot |
| urls | \\["a","b"\\] |

## 2. Step 1

| shop | price |
| --- | --- |
| A\\|B | 1 |
| \\*c\\* |  |

## 3. Step 2

\`\`\`
Done.
\`\`\`

## 4. Step 3

\`\`\`json
[
  1,
  2
]
\`\`\`

## 5. Step 4

Not done yet.
`)
})

test('no text ends its fence or its cell, and none becomes HTML', () => {
  const report = reportOf(run('```\n<b>', { text: `${hostile}\nnext | line` }), [])
  expect(report).toContain('````\n```\n<b>\n````')
  const row = report.split('\n').find((line) => line.startsWith('| text')) ?? ''
  expect(row.match(/(?<!\\)\|/g)).toHaveLength(3)
  expect(row).not.toMatch(/(?<!\\)<(?!br>)/)
})

test('small texts and images stand in it, and the rest is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-report-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = (name: string, content: string): RunFile => {
    writeFileSync(join(folder, name), content)
    return { name, path: join(folder, name), bytes: content.length }
  }
  const files = [
    file('a.txt', 'Hello\n'),
    file('b.svg', '<svg/>'),
    file('c.bin', '\0'),
    file('d.txt', 'x'.repeat(200_000)),
  ]
  const report = reportOf(run(), files)
  expect(report).toContain('### a.txt (6 bytes)\n\n```\nHello\n```')
  expect(report).toContain('![b.svg](data:image/svg+xml;base64,PHN2Zy8+)')
  expect(report).toContain('### c.bin (1 byte)\n\nIt stays in the folder of the run.')
  expect(report).toContain('### d.txt (200,000 bytes)\n\nIt stays in the folder of the run.')
})
