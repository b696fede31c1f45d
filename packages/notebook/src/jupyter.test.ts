import { hostile } from '@localapp/core/testing'
import { expect, test } from 'vitest'
import { jupyterOf } from './jupyter.ts'
import type { ShownRun } from './run.ts'

interface Cell {
  readonly cell_type: string
  readonly id: string
  readonly source: string
  readonly execution_count?: number | null
  readonly outputs?: readonly { readonly data: Readonly<Record<string, string>> }[]
}

const run: ShownRun = {
  id: 1,
  state: 'done',
  createdAt: '2026-11-24T09:30:00.000Z',
  error: '',
  pipeline: 'demo',
  title: 'Demo 1',
  steps: [
    { id: 'class', title: 'One', state: 'done', output: { text: hostile } },
    { id: 'step-2', title: 'Two', state: 'skipped' },
    { id: 'rows', title: 'Three', state: 'done', output: [{ a: '<i>' }, { a: 2 }] },
    { id: 'last', title: 'Four', state: 'waiting', output: 1 },
  ],
}

test('a variable for what each step gave that was done, and what it was', () => {
  const { nbformat, nbformat_minor, cells } = JSON.parse(jupyterOf(run, [])) as {
    nbformat: number
    nbformat_minor: number
    cells: Cell[]
  }
  expect([nbformat, nbformat_minor]).toEqual([4, 5])
  expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
  for (const { id } of cells) expect(id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/)
  const codes = cells.filter(({ cell_type }) => cell_type === 'code')
  expect(codes.map(({ source }) => source.split(' ', 2).join(' '))).toEqual([
    'import json',
    'class_ =',
    'rows =',
  ])
  const literal = /^class_ = json\.loads\((".*")\)\nclass_$/s.exec(codes[1]?.source ?? '')?.[1] ?? ''
  expect(JSON.parse(JSON.parse(literal) as string)).toEqual({ text: hostile })
  const html = codes[2]?.outputs?.[0]?.data['text/html']
  expect(html).toContain('<td>&lt;i&gt;</td>')
})
