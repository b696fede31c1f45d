import { Readable } from 'node:stream'
import { asLocalappError, InvalidInput, isLocalappError, type PluginContext } from '@localapp/core'
import { exported } from './export.ts'
import type { Import } from './import.ts'
import type { Format } from './source.ts'
import { targetOf } from './target.ts'
import { largest, receive } from './upload.ts'

/** Files come in and go out here: an action takes and gives values. */
export function routeFiles({ app, fastify }: PluginContext): void {
  fastify.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
  fastify.setErrorHandler<Error>((thrown, _request, reply) => {
    const what = 'This file could not be taken'
    const error = asLocalappError(thrown, 'LOCALAPP_BAD_REQUEST', what, 'Choose the file again.')
    const status = isLocalappError(error) ? error.status : 500
    return reply.code(status).type('text/plain; charset=utf-8').send(`${error.message}\n${error.fix}\n`)
  })
  fastify.post<{ Params: { plugin: string } }>(
    '/transfer/upload/:plugin',
    { bodyLimit: largest },
    async (request, reply) => {
      const { plugin } = request.params
      targetOf(app, plugin)
      const received = await receive(app, request.raw, request.headers['content-type'])
      const actor = { kind: request.headers.authorization === undefined ? 'user' : 'program' } as const
      const outcome = await app.actions.call('transfer.open', { plugin, ...received }, { actor })
      if (outcome.status === 'invalid') throw new InvalidInput(outcome.messages)
      if (outcome.status === 'failed') throw outcome.error
      const { id } = (outcome as { output: unknown }).output as Import
      return reply.redirect(`/transfer/${id}`, 303)
    },
  )
  fastify.get<{ Params: { file: string }; Querystring: Record<string, string> }>(
    '/transfer/export/:file',
    async (request, reply) => {
      const [, name = '', format = ''] = /^(.+)\.(csv|jsonl)$/.exec(request.params.file) ?? []
      const target = targetOf(app, name)
      const { of, ...query } = request.query
      // The list narrows itself without a load of its page, so that only its address knows what is shown.
      const shown = of === 'page' ? URL.parse(request.headers.referer ?? '')?.searchParams : undefined
      const lines = exported(app, target, format as Format, {
        ...Object.fromEntries(shown ?? []),
        ...query,
      })
      // What is wrong with the query is said before the file begins.
      const first = await lines.next()
      const all = async function* () {
        if (!first.done) yield first.value
        yield* lines
      }
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}.${format}"`)
        .send(Readable.from(all()))
    },
  )
}
