import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor, Outcome } from '../action/action.ts'
import { approvals, reject } from '../action/approval.ts'
import { localappError } from '../error/error.ts'
import type { Settled } from '../plugin/plugin.ts'
import type { Storage } from '../storage/storage.ts'
import type { ApiEnvironment } from './api.ts'
import { ownPath } from './boundary.ts'

/** What settling approvals needs of the app. */
export interface ApprovalsEnvironment extends ApiEnvironment {
  readonly storage: Storage
  announce(topics: readonly string[]): void
  readonly settled: readonly ((event: Settled) => void)[]
}

/** Adds `POST /-/approvals/<id>` with `verdict=approve` or `reject`: the user's word, and nobody else's. */
export function routeApprovals(fastify: FastifyInstance, environment: ApprovalsEnvironment): void {
  fastify.post<{ Params: { id: string } }>('/-/approvals/:id', async (request, reply) => {
    const verdict = new URLSearchParams(String(request.body)).get('verdict')
    try {
      expectUser(environment.caller(request).actor)
      if (verdict !== 'approve' && verdict !== 'reject') {
        throw localappError(
          'LOCALAPP_BAD_REQUEST',
          'The verdict is neither approve nor reject.',
          'Use the buttons of the card.',
        )
      }
      const outcome = await settle(environment, Number(request.params.id), verdict)
      if (outcome.status === 'failed' && verdict === 'approve') throw outcome.error
    } catch (error) {
      return await environment.answers.failure(request, reply, error)
    }
    if (request.headers['hx-request'] === 'true') return reply.code(204).send()
    return reply.code(303).header('location', backOf(request)).send()
  })
}

async function settle(
  environment: ApprovalsEnvironment,
  id: number,
  verdict: 'approve' | 'reject',
): Promise<Outcome> {
  const { storage, actions, announce, settled } = environment
  const { action, input, actor, actorName, turn } = storage.reader(approvals).get(id)
  let outcome: Outcome
  if (verdict === 'approve') {
    const by: Actor = actorName === null ? { kind: actor } : { kind: actor, name: actorName }
    outcome = await actions.call(action, input, { actor: by, turn, approval: id })
    const { state } = storage.reader(approvals).get(id)
    if (outcome.status !== 'done' && state === 'pending') await reject(storage, id, 'gone')
  } else {
    await reject(storage, id, 'rejected')
    outcome = {
      status: 'failed',
      error: localappError(
        'LOCALAPP_FORBIDDEN',
        'The user rejected this.',
        'Do not try it again; ask the user what to do.',
      ),
    }
  }
  announce(['localapp_approval'])
  for (const listener of settled) listener({ approval: id, verdict, turn, outcome })
  return outcome
}

function expectUser(actor: Actor): void {
  if (actor.kind === 'user') return
  throw localappError(
    'LOCALAPP_FORBIDDEN',
    'Only the user approves, on a page of the app.',
    'Open the app in the browser.',
  )
}

function backOf(request: FastifyRequest): string {
  const referer = request.headers.referer
  const url = referer === undefined ? null : URL.parse(referer)
  return ownPath(url ? `${url.pathname}${url.search}` : '/')
}
