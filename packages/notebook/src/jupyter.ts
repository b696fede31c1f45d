import { readFileSync } from 'node:fs'
import { table, td, th, tr } from '@localapp/core'
import { type RunFile, typeOf } from './files.ts'
import { type ShownRun, type ShownStep, tableIn, textOf } from './run.ts'

/**
 * A run as a notebook that Jupyter opens, in version 4.5 of its format: a variable of Python for what each step gave, with
 * that shown below it. Source: https://nbformat.readthedocs.io/en/latest/format_description.html
 */
export function jupyterOf(run: ShownRun, files: readonly RunFile[]): string {
  const done = run.steps.filter(({ state }) => state === 'done')
  const images = files.filter(({ name }) => typeOf(name).startsWith('image/'))
  const cells = [
    markdown('title', `# ${run.title}\n\nStarted ${run.createdAt}, ${run.state}.`),
    code('import', 1, 'import json', []),
    ...done.flatMap((step, i) => [
      markdown(`title-${i}`, `## ${step.title}`),
      code(`step-${i}`, i + 2, sourceOf(step), [
        { ...shown(step.output), output_type: 'execute_result', execution_count: i + 2 },
      ]),
    ]),
    ...images.flatMap((file, i) => [
      markdown(`file-title-${i}`, `## ${file.name}`),
      code(`file-${i}`, null, '', [{ output_type: 'display_data', metadata: {}, data: imageOf(file) }]),
    ]),
  ]
  const metadata = {
    kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
    language_info: { name: 'python' },
  }
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }, null, 1)
}

function markdown(id: string, source: string) {
  return { cell_type: 'markdown', id, metadata: {}, source }
}

function code(id: string, count: number | null, source: string, outputs: readonly object[]) {
  return { cell_type: 'code', id, metadata: {}, execution_count: count, source, outputs }
}

const keywords =
  /^(False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|json|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/

/** A string of JSON is one of Python, too. */
function sourceOf({ id, output }: ShownStep) {
  const name = id.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_')
  const variable = keywords.test(name) ? `${name}_` : name
  return `${variable} = json.loads(${JSON.stringify(JSON.stringify(output ?? null))})\n${variable}`
}

function shown(output: unknown) {
  const found = tableIn(output)
  const html =
    found &&
    table(
      tr(found.names.map((name) => th(name))),
      found.rows.map((row) => tr(row.map((cell) => td(textOf(cell))))),
    )
  return {
    metadata: {},
    data: { 'text/plain': textOf(output ?? null, 2), ...(html && { 'text/html': String(html) }) },
  }
}

function imageOf({ name, path }: RunFile) {
  const type = typeOf(name)
  return { [type]: readFileSync(path, type === 'image/svg+xml' ? 'utf8' : 'base64'), 'text/plain': name }
}
