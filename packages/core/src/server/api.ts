import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Action, Outcome } from '../action/action.ts'
import { isLocalappError, localappError, parseJson } from '../error/error.ts'
import { parseForm } from '../field/form.ts'
import { h1 } from '../html/elements.ts'
import { actionForm, messagePartials } from '../page/form.ts'
import { errorToast } from '../page/notice.ts'
import type { Actions } from '../plugin/plugin.ts'
import { type Answers, isPartial } from './answer.ts'
import { type Boundary, caller, ownPath } from './boundary.ts'

const bodyLimit = 10 * 1024 * 1024

/**
 * Adds `POST /api/<plugin>/<action>`: JSON for programs, forms for pages, with or without JavaScript; and what the
 * command line asks of the server that owns the data.
 */
export function routeApi(boundary: Boundary, actions: Actions, answers: Answers) {
  const { fastify } = boundary
  const types = ['application/json', 'application/x-www-form-urlencoded']
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(types, { parseAs: 'string', bodyLimit }, (_request, body, done) =>
    done(null, body),
  )
  fastify.setErrorHandler(async (thrown: FastifyError, request, reply) => {
    const error = refusalOf(thrown)
    const wantsHtml = isPartial(request) || request.headers.accept?.includes('text/html')
    if (wantsHtml || !isLocalappError(error)) return await answers.failure(request, reply, error)
    return answerJson({ status: 'failed', error }, reply)
  })
  fastify.post<{ Params: { plugin: string; action: string } }>(
    '/api/:plugin/:action',
    async (request, reply) => {
      const { plugin, action } = request.params
      const id = `${plugin}.${action}`
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      const form = new URLSearchParams(isForm ? String(request.body) : '')
      const outcome = await actions.call(id, isForm ? parseForm(form) : jsonOf(request.body), {
        actor: caller(request),
        source: isForm ? 'form' : 'json',
      })
      if (!isForm) return answerJson(outcome, reply)
      if (outcome.status === 'failed') return await answers.failure(request, reply, outcome.error)
      return await answerForm(answers, request, reply, outcome, actions.get(id) as Action, form)
    },
  )
  fastify.post<{ Params: { what: string } }>('/-/command-line/:what', async (request, reply) => {
    if (caller(request).kind !== 'program') return reply.code(403).send()
    if (request.params.what === 'entrance') return await boundary.entrance(0)
    const { id, input, confirmed } = JSON.parse(String(request.body))
    return await actions.call(id, input, { actor: { kind: 'cli' }, confirmed })
  })
}

function refusalOf(thrown: FastifyError) {
  const { statusCode = 500, message } = thrown
  if (statusCode === 413) {
    const fix = 'Send it in smaller parts.'
    return localappError('LOCALAPP_BODY_TOO_LARGE', 'This is more than 10 MiB.', fix, thrown)
  }
  if (statusCode >= 500 || isLocalappError(thrown)) return thrown
  const what = statusCode === 415 ? 'The body is neither JSON nor a form.' : `${message}.`
  return localappError('LOCALAPP_BAD_REQUEST', what, 'Send application/json.', thrown)
}

const jsonOf = (body: unknown) =>
  parseJson(String(body || '{}'), 'LOCALAPP_BAD_REQUEST', 'The body', 'Send one JSON object.')

function answerJson({ status, ...answer }: Outcome, reply: FastifyReply) {
  const failed = 'error' in answer ? answer.error.status : 500
  return reply.code({ done: 200, invalid: 422, approval: 202, failed }[status]).send(answer)
}

async function answerForm(
  answers: Answers,
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Exclude<Outcome, { status: 'failed' }>,
  action: Action,
  form: URLSearchParams,
): Promise<unknown> {
  const back = ownPath(form.get('_return') ?? request.headers.referer)
  if (outcome.status !== 'invalid') {
    const to = outcome.status === 'done' && action.to ? ownPath(action.to(outcome.output)) : undefined
    if (isPartial(request) && to === undefined) return reply.code(204).send()
    answers.untold = outcome.status === 'done' ? outcome.entry : undefined
    return isPartial(request)
      ? reply.code(204).header('hx-redirect', to).send()
      : reply.redirect(to ?? back, 303)
  }
  const { messages } = outcome
  const id = form.get('_form') ?? 'form'
  const shown = form.get('_fields')?.match(/[^,]+/g) ?? []
  if (isPartial(request)) {
    const words = Object.values(messages).join(' ')
    const parts = shown.length > 0 ? messagePartials(id, shown, messages) : errorToast(words)
    return answers.refusal(reply, parts, 422)
  }
  const values = parseForm(form)
  const only = (shown.length > 0 ? shown : Object.keys(action.input)).filter((name) => name in action.input)
  const unseen = Object.entries(values).filter(
    ([name, value]) => typeof value === 'string' && !only.includes(name),
  )
  const hidden = Object.fromEntries(unseen) as Record<string, string>
  const page = () => [
    h1(action.title),
    actionForm(action, { id, values, hidden, only, messages, returnTo: back }),
  ]
  return await answers.page(request, reply, page, 422)
}
