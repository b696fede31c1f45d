import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Action, Actor, Messages, Outcome } from '../action/action.ts'
import { type LocalappError, localappError } from '../error/error.ts'
import type { Source } from '../field/field.ts'
import { parseForm } from '../field/form.ts'
import { h1 } from '../html/elements.ts'
import { fragment } from '../html/html.ts'
import { actionForm, messagePartials } from '../page/form.ts'
import { errorToast } from '../page/toast.ts'
import type { Actions } from '../plugin/plugin.ts'
import { type Answers, isPartial } from './answer.ts'
import { ownPath } from './boundary.ts'

/** What the addresses of actions need of the app. */
export interface ApiEnvironment {
  readonly actions: Actions
  readonly answers: Answers
  /** Who a request is from. */
  caller(request: FastifyRequest): { actor: Actor; confirmed: boolean }
}

/** Largest body of a request: 10 MiB. */
export const bodyLimit: number = 10 * 1024 * 1024

/** Adds `POST /api/<plugin>/<action>`: JSON for programs, forms for pages, with or without JavaScript. */
export function routeApi(fastify: FastifyInstance, environment: ApiEnvironment): void {
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    ['application/json', 'application/x-www-form-urlencoded'],
    { parseAs: 'string', bodyLimit },
    (_request, body, done) => done(null, body),
  )
  fastify.setErrorHandler(async (error: { statusCode?: number; message: string }, request, reply) => {
    const { message } = error
    const plain =
      error.statusCode === 413
        ? localappError('LOCALAPP_BODY_TOO_LARGE', 'This is more than 10 MiB.', 'Send it in smaller parts.')
        : error.statusCode === 415
          ? localappError(
              'LOCALAPP_BAD_REQUEST',
              'The body is neither JSON nor a form.',
              'Send application/json.',
            )
          : error.statusCode !== undefined && error.statusCode < 500
            ? localappError('LOCALAPP_BAD_REQUEST', message, 'Look at the request.')
            : error
    return await sendError(environment, request, reply, plain)
  })
  fastify.post<{ Params: { plugin: string; action: string } }>(
    '/api/:plugin/:action',
    async (request, reply) => {
      const { plugin, action } = request.params
      const id = `${plugin}.${action}`
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
      const entries = isForm ? [...new URLSearchParams(String(request.body))] : []
      const input = isForm ? parseForm(entries) : json(request.body)
      const turn = request.headers['localapp-turn']
      const outcome = await environment.actions.call(id, input, {
        ...environment.caller(request),
        source: (isForm ? 'form' : 'json') satisfies Source,
        ...(typeof turn === 'string' ? { turn } : {}),
      })
      if (!isForm) return answerJson(outcome, reply)
      return await answerForm(environment, request, reply, outcome, environment.actions.get(id), entries)
    },
  )
}

/** Says an error as the asker can read it: JSON for programs, a page or a toast for browsers. */
async function sendError(
  environment: ApiEnvironment,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
): Promise<unknown> {
  const wantsHtml = request.headers.accept?.includes('text/html') || request.headers['hx-request'] === 'true'
  if (wantsHtml) return await environment.answers.failure(request, reply, thrown)
  if (thrown instanceof Error && 'code' in thrown && 'fix' in thrown)
    return answerJson({ status: 'failed', error: thrown as LocalappError }, reply)
  throw thrown
}

function json(body: unknown): unknown {
  try {
    return body === undefined || body === '' ? {} : JSON.parse(String(body))
  } catch (cause) {
    const what = `The body is not JSON: ${cause instanceof Error ? cause.message : cause}.`
    throw localappError('LOCALAPP_BAD_REQUEST', what, 'Send one JSON object.', cause)
  }
}

function answerJson(outcome: Outcome, reply: FastifyReply): unknown {
  if (outcome.status === 'done') {
    const { output = null, entry, summary } = outcome
    return { output, entry, summary }
  }
  if (outcome.status === 'invalid') return reply.code(422).send({ messages: outcome.messages })
  if (outcome.status === 'approval')
    return reply.code(202).send({ approval: outcome.approval, title: outcome.title })
  const { code, message, fix } = outcome.error
  return reply.code(outcome.error.status).send({ error: { code, message, fix } })
}

async function answerForm(
  environment: ApiEnvironment,
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Outcome,
  action: Action | undefined,
  entries: readonly [string, string][],
): Promise<unknown> {
  const meta = new Map(entries.filter(([name]) => name.startsWith('_')))
  const back = ownPath(meta.get('_return') ?? pathOf(request.headers.referer))
  if (outcome.status === 'failed') return await environment.answers.failure(request, reply, outcome.error)
  if (outcome.status === 'invalid' && action) {
    return await answerInvalid(environment, request, reply, action, outcome.messages, entries, meta, back)
  }
  const to = outcome.status === 'done' && action?.to ? ownPath(action.to(outcome.output)) : undefined
  const location = withToast(to ?? back, outcome)
  if (request.headers['hx-request'] !== 'true') return reply.code(303).header('location', location).send()
  return reply
    .code(204)
    .headers(to ? { 'hx-redirect': location } : {})
    .send()
}

/** A page that is left sees no event stream's toast, so the address brings it. */
function withToast(path: string, outcome: Outcome): string {
  const url = new URL(path, 'http://localapp.invalid')
  url.searchParams.delete('_done')
  if (outcome.status === 'done' && outcome.entry !== undefined)
    url.searchParams.set('_done', String(outcome.entry))
  return `${url.pathname}${url.search}`
}

async function answerInvalid(
  environment: ApiEnvironment,
  request: FastifyRequest,
  reply: FastifyReply,
  action: Action,
  messages: Messages,
  entries: readonly [string, string][],
  meta: ReadonlyMap<string, string>,
  back: string,
): Promise<unknown> {
  const shown = (meta.get('_fields') ?? '').split(',').filter((name) => name !== '')
  const form = meta.get('_form') ?? 'form'
  if (request.headers['hx-request'] === 'true' && shown.length > 0) {
    reply.code(422).type('text/html; charset=utf-8')
    return String(messagePartials(form, shown, messages))
  }
  if (isPartial(request)) {
    reply.code(422).type('text/html; charset=utf-8')
    return String(errorToast(Object.values(messages).join(' ')))
  }
  const values = parseForm(entries)
  const only = shown.length > 0 ? shown.filter((name) => name in action.input) : Object.keys(action.input)
  const hidden = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'string' && !only.includes(name) ? [[name, value]] : [],
    ),
  )
  const page = () =>
    fragment(
      h1(action.title),
      actionForm(action, { id: form, values, hidden, only, messages, returnTo: back }),
    )
  return await environment.answers.page(request, reply, action.title, page, 422)
}

function pathOf(referer: string | undefined): string | undefined {
  const url = referer === undefined ? null : URL.parse(referer)
  return url ? `${url.pathname}${url.search}` : undefined
}
