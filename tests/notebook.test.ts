import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { pluginConformance, testApp } from '@localapp/core/testing'
import { notebook } from '@localapp/notebook'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'
import { expect, onTestFinished, test } from 'vitest'

class Sum extends PipelinePlugin({
  name: 'sum',
  steps: pipe()
    .ask('numbers', { title: 'Which?', fields: { numbers: t.list(t.number()) } })
    .run('total', {
      title: 'Add up',
      run({ input, folder }) {
        mkdirSync(join(folder, 'in'), { recursive: true })
        writeFileSync(join(folder, 'in/total ü.txt'), String(input.numbers.length))
        writeFileSync(join(folder, 'page.html'), '<script>alert(1)</script>')
        writeFileSync(join(folder, 'chart.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
        return input.numbers.reduce((sum, each) => sum + each, 0)
      },
    }),
}) {}

async function opened() {
  const app = await testApp({ plugins: [Sum, notebook()] })
  onTestFinished(() => app.close())
  for (const [run, numbers] of [
    [1, [1, 2]],
    [2, [1, 3]],
  ] as const) {
    await app.call('sum.start')
    await app.call('sum.answer-numbers', { run, numbers })
    await app.call('sum.show', { run, seconds: 10 })
  }
  const get = (url: string) => app.inject({ url })
  return { app, get }
}

test('the page of a run has its files, reports to save, and runs to compare with', async () => {
  const { get } = await opened()
  const { body } = await get('/sum/1')
  expect(body).toContain('<a href="/notebook/sum/1/files/in/total%20%C3%BC.txt">in/total ü.txt</a>')
  expect(body).toContain('<img src="/notebook/sum/1/files/chart.svg" alt="chart.svg" loading="lazy">')
  expect(body).toContain('<option value="2">2</option>')
  const report = await get('/notebook/sum/1/report.md')
  expect(report.headers['content-disposition']).toBe('attachment; filename="sum-1.md"')
  expect(report.body).toContain('## 2. Add up\n\n```json\n3\n```')
  const jupyter = await get('/notebook/sum/2/notebook.ipynb')
  expect(jupyter.headers['content-disposition']).toBe('attachment; filename="sum-2.ipynb"')
  expect(jupyter.json()).toMatchObject({
    nbformat: 4,
    cells: { 5: { source: 'total = json.loads("4")\ntotal' } },
  })
  const compared = await get('/notebook/compare/sum?before=1&after=2')
  expect(compared.body).toContain('<td><code>numbers.1</code></td><td>2</td><td>3</td>')
  expect(compared.body).toContain('<td><code>all</code></td><td>3</td><td>4</td>')
})

test('files come with a type that runs nothing, and nothing else comes', async () => {
  const { app, get } = await opened()
  const folder = join(app.data, 'home/sum/1')
  writeFileSync(join(app.data, 'secret.txt'), 'secret')
  symlinkSync(join(app.data, 'secret.txt'), join(folder, 'link.txt'))
  const text = await get('/notebook/sum/1/files/in/total%20%C3%BC.txt')
  expect([text.statusCode, text.body, text.headers['content-type']]).toEqual([
    200,
    '2',
    'text/plain; charset=utf-8',
  ])
  expect(text.headers['content-disposition']).toBeUndefined()
  for (const [name, type] of [
    ['page.html', 'application/octet-stream'],
    ['chart.svg', 'image/svg+xml'],
  ] as const) {
    const { headers } = await get(`/notebook/sum/1/files/${name}`)
    expect([headers['content-type'], headers['x-content-type-options']]).toEqual([type, 'nosniff'])
    expect(headers['content-disposition']).toContain('attachment')
  }
  for (const name of ['link.txt', '..%2f..%2fsecret.txt', '../../../secret.txt', 'no.txt'])
    expect((await get(`/notebook/sum/1/files/${name}`)).statusCode).toBe(404)
  for (const path of ['sum/9/report.md', 'todo/1/report.md', 'sum/x/notebook.ipynb', 'sum/-1/files/a'])
    expect((await get(`/notebook/${path}`)).statusCode).toBe(404)
})

test('a model and a program get the same by actions', async () => {
  const { app } = await opened()
  expect(await app.call('notebook.export', { pipeline: 'sum', run: 1 })).toMatchObject({
    output: expect.stringContaining('# Sum 1') as string,
  })
  expect(await app.call('notebook.compare', { pipeline: 'sum', before: 1, after: 2 })).toMatchObject({
    output: [
      { differences: [{ at: 'numbers.1', before: 2, after: 3 }] },
      { differences: [{ at: '', after: 4 }] },
    ],
  })
  expect(await app.call('notebook.export', { pipeline: 'journal', run: 1 })).toMatchObject({
    error: { message: 'There is no pipeline “journal”.' },
  })
})

test('keeps the promises of a plugin', async () => {
  expect((await pluginConformance(notebook())).failures).toEqual([])
})

test('the command prints a run, in Markdown or with --jupyter, and says what is missing', () => {
  const data = mkdtempSync(join(tmpdir(), 'localapp-notebook-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  const localapp = (...args: string[]) => {
    const argv = ['--conditions=@localapp/source', 'examples/home/app.ts', ...args, '--data', data]
    const { status, stdout, stderr } = spawnSync(execPath, argv, { encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  localapp('call', 'word-count.start', '{}', '--yes')
  expect(localapp('report', 'word-count', '1').stdout).toMatch(
    /^# Word count 1\n\nStarted .* · waiting\n\n## 1\. /,
  )
  expect(JSON.parse(localapp('report', 'word-count', '1', '--jupyter').stdout)).toMatchObject({ nbformat: 4 })
  expect(localapp('report', 'word-count')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Which run?') as string,
  })
  expect(localapp('report', 'word-count', '7')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('There is no run 7.') as string,
  })
}, 60_000)
