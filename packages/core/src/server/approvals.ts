import type { FastifyInstance } from 'fastify'
import type { Outcome } from '../action/action.ts'
import { approvals, reject } from '../action/approval.ts'
import { localappError } from '../error/error.ts'
import type { Settled } from '../plugin/plugin.ts'
import type { Storage } from '../storage/storage.ts'
import { isPartial } from './answer.ts'
import type { ApiEnvironment } from './api.ts'
import { ownPath } from './boundary.ts'

export interface ApprovalsEnvironment extends ApiEnvironment {
  readonly storage: Storage
  announce(topics: readonly string[]): void
  readonly settled: readonly ((event: Settled) => void)[]
}

/** Adds `POST /-/approvals/<id>` with `verdict=approve` or `reject`: the user's word, and nobody else's. */
export function routeApprovals(fastify: FastifyInstance, environment: ApprovalsEnvironment): void {
  const { storage, actions, announce, settled, answers, caller } = environment

  const approve = async (id: number): Promise<Outcome> => {
    const { action, input, actor: kind, actorName, turn } = storage.reader(approvals).get(id)
    const actor = actorName === null ? { kind } : { kind, name: actorName }
    const outcome = await actions.call(action, input, { actor, turn, approval: id })
    const { state } = storage.reader(approvals).get(id)
    if (outcome.status !== 'done' && state === 'pending') await reject(storage, id, 'gone')
    return outcome
  }
  const turnDown = async (id: number): Promise<Outcome> => {
    await reject(storage, id, 'rejected')
    const fix = 'Do not try it again; ask the user what to do.'
    return { status: 'failed', error: localappError('LOCALAPP_FORBIDDEN', 'The user rejected this.', fix) }
  }

  fastify.post<{ Params: { id: string } }>('/-/approvals/:id', async (request, reply) => {
    try {
      if (caller(request).kind !== 'user') {
        const fix = 'Open the app in the browser.'
        throw localappError('LOCALAPP_FORBIDDEN', 'Only the user approves, on a page of the app.', fix)
      }
      const id = Number(request.params.id)
      const isApproved = new URLSearchParams(String(request.body)).get('verdict') === 'approve'
      const outcome = await (isApproved ? approve : turnDown)(id)
      announce([approvals.name])
      const { turn } = storage.reader(approvals).get(id)
      const verdict = isApproved ? 'approve' : 'reject'
      for (const listener of settled) listener({ approval: id, verdict, turn, outcome })
      if (isApproved && outcome.status === 'failed') throw outcome.error
    } catch (error) {
      return await answers.failure(request, reply, error)
    }
    if (isPartial(request)) return reply.code(204).send()
    return reply.redirect(ownPath(request.headers.referer), 303)
  })
}
