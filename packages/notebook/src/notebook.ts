import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type Command, localappError, Plugin, type PluginContext, t } from '@localapp/core'
import { compareRuns } from './compare.ts'
import { fileOf, filesOf, typeOf } from './files.ts'
import { jupyterOf } from './jupyter.ts'
import { comparePage, runLinks } from './page.ts'
import { reportOf } from './report.ts'
import { runOf } from './run.ts'

/**
 * Makes reports and Jupyter notebooks of runs, lists the files that they wrote, and compares them: on each run's page, by
 * actions, and by the command `report`.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', notebook()] })
 * ```
 */
export function notebook(): Plugin {
  return new Notebook()
}

const formats = { markdown: reportOf, jupyter: jupyterOf }

class Notebook extends Plugin {
  readonly name = 'notebook'
  override readonly commands = [reportCommand]

  setup({ action, app, fastify, page, slot }: PluginContext): void {
    const pipeline = t.text({ help: 'The name of the pipeline.' })
    const run = t.integer({ min: 1, help: 'The id of the run.' })
    const made = async (pipeline: string, run: number, format: keyof typeof formats) =>
      formats[format](await runOf(app, pipeline, run), filesOf(app, pipeline, run))

    action('export', {
      effect: 'read',
      description: 'A run of a pipeline as a report in Markdown, or as a Jupyter notebook in JSON.',
      input: { pipeline, run, format: t.pick(['markdown', 'jupyter'], { default: 'markdown' }) },
      run: ({ pipeline, run, format }) => made(pipeline, run, format),
    })
    action('compare', {
      effect: 'read',
      description: 'What differs between two runs of a pipeline, step by step.',
      input: { pipeline, before: run, after: run },
      run: async ({ pipeline, before, after }) =>
        compareRuns(await runOf(app, pipeline, before), await runOf(app, pipeline, after)),
    })
    slot('run', (request) => runLinks(app, request))
    page('/compare/:pipeline', (request) => comparePage(app, request))

    interface Params {
      readonly Params: { readonly pipeline: string; readonly run: string; readonly '*': string }
    }
    const send = (name: string, format: keyof typeof formats, type: string) =>
      fastify.get<Params>(
        `/notebook/:pipeline/:run/${name}`,
        async ({ params: { pipeline, run } }, reply) => {
          reply.header(
            'content-disposition',
            `attachment; filename="${pipeline}-${Number(run)}${name.replace(/.*(?=\.)/, '')}"`,
          )
          return reply.type(type).send(await made(pipeline, Number(run), format))
        },
      )
    send('report.md', 'markdown', 'text/markdown; charset=utf-8')
    send('notebook.ipynb', 'jupyter', 'application/x-ipynb+json')
    fastify.get<Params>('/notebook/:pipeline/:run/files/*', async ({ params }, reply) => {
      await runOf(app, params.pipeline, Number(params.run))
      const { name, path, bytes } = fileOf(app, params.pipeline, Number(params.run), params['*'])
      const type = typeOf(name)
      // What a browser might run, such as HTML, it saves.
      if (!/^(text|image)/.test(type) || type.includes('svg'))
        reply.header(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(basename(name))}`,
        )
      return reply.type(type).header('content-length', bytes).send(createReadStream(path))
    })
  }
}

const reportCommand: Command = {
  name: 'report',
  usage: 'report <pipeline> <run>',
  summary: 'Prints a run as a report in Markdown.',
  options: { jupyter: { type: 'boolean', help: 'Prints it as a notebook that Jupyter opens.' } },
  async run({ args: [pipeline = '', run = ''], options, call, out, report }) {
    if (!/^\d+$/.test(run))
      throw localappError('LOCALAPP_COMMAND', 'Which run?', 'Write it as in “localapp report word-count 1”.')
    const format = options.jupyter ? 'jupyter' : 'markdown'
    const outcome = await call('notebook.export', { pipeline, run: Number(run), format })
    if (outcome.status !== 'done') return report(outcome)
    out(String(outcome.output).trimEnd())
    return 0
  },
}
