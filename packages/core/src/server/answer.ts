import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { approvalTopic, entries } from '../action/journal.ts'
import { asLocalappError, report } from '../error/error.ts'
import { div, h1, p } from '../html/elements.ts'
import { fragment, type Html } from '../html/html.ts'
import { approvalCard, errorToast, toast } from '../page/notice.ts'
import type { PluginHost, SharedHandle } from '../plugin/host.ts'
import { placeOf } from '../plugin/place.ts'
import type { Filling, HostedPlugin, PageHandler, PageRequest } from '../plugin/plugin.ts'
import { shell } from './shell.ts'

/** Answers requests for pages. One handler serves the whole page, a part of it, or one region. */
export class Answers {
  readonly #app: SharedHandle
  readonly #host: PluginHost
  /** The entry that the next page tells of, which an action leads to: it is not there yet for the event. */
  untold: number | undefined

  constructor(app: SharedHandle, host: PluginHost) {
    this.#app = app
    this.#host = host
  }

  route(fastify: FastifyInstance, path: string, handler: PageHandler, plugin?: HostedPlugin) {
    fastify.get(path, async (request, reply) => {
      try {
        return await this.page(request, reply, handler)
      } catch (error) {
        return await this.failure(request, reply, error, plugin)
      }
    })
  }

  async page(request: FastifyRequest, reply: FastifyReply, handler: PageHandler, status = 200) {
    const url = new URL(request.url, `http://${request.headers.host}`)
    const partial = isPartial(request)
    // htmx names it `div#todo-list`.
    const wanted = partial ? request.headers['hx-target']?.toString().replace(/^.*#/, '') : undefined
    let region: Html | undefined
    const asked: PageRequest = {
      url,
      params: request.params as Record<string, string>,
      query: Object.fromEntries(url.searchParams),
      partial,
      async region(id, topics, render) {
        if (wanted !== undefined && id !== wanted) return fragment()
        const markup = div({ id, 'data-topics': topics.join(' ') }, await render())
        if (id === wanted) region = markup
        return markup
      },
      slot: (place) => this.#slot(place, asked),
    }
    const since = this.#app.streams.sequence
    const content = fragment(await handler(asked))
    reply.code(status).type('text/html; charset=utf-8').header('vary', 'HX-Request-Type')
    if (!partial) {
      const sides = { ...(await this.#sides(asked)), toast: this.#toast(), since }
      return String(shell(this.#app, url.pathname, content, sides))
    }
    // A region that the page itself does not have stands beside it.
    if (wanted !== undefined && !region) await this.#sides(asked)
    return String(region ?? content)
  }

  /** Shows an error in words, in the shell or as a toast. What was not meant for the user is named with its place. */
  async failure(request: FastifyRequest, reply: FastifyReply, thrown: unknown, plugin?: HostedPlugin) {
    const error = readable(thrown, plugin)
    if (error !== thrown) report(plugin ? `A page of “${plugin.name}” threw:` : 'A page threw:', thrown)
    const { message, fix, status } = error
    if (isPartial(request)) return this.refusal(reply, errorToast(`${message} ${fix}`), status)
    return await this.page(request, reply, () => [h1('That did not work'), p(message), p(fix)], status)
  }

  refusal(reply: FastifyReply, parts: Html, status: number) {
    reply.code(status).type('text/html; charset=utf-8')
    return String(parts)
  }

  async #sides({ region, slot }: PageRequest) {
    const cards = () =>
      this.#app
        .reader(entries)
        .all({ where: [['state', '=', 'asked']], limit: 20 })
        .map((entry) => approvalCard(entry, this.#app.actions.get(entry.action)))
    return {
      approvals: await region('approval-cards', [approvalTopic], cards),
      header: await slot('header'),
      panel: await slot('panel'),
    }
  }

  async #slot(place: string, request: PageRequest): Promise<Filling[]> {
    const filled = this.#host.running.filter(({ slots }) => slots.has(place))
    return await Promise.all(
      filled.map(async (plugin) => {
        const { title, slots } = plugin
        try {
          return { title, content: fragment(await slots.get(place)?.(request)) }
        } catch (error) {
          report(`The ${place} of “${plugin.name}” threw:`, error)
          return { title, content: p({ class: 'error' }, readable(error, plugin).message) }
        }
      }),
    )
  }

  #toast() {
    const entry = this.untold
    this.untold = undefined
    return entry !== undefined && toast(this.#app.journal.get(entry))
  }
}

export function isPartial(request: FastifyRequest) {
  return request.headers['hx-request-type'] === 'partial'
}

function readable(thrown: unknown, plugin: HostedPlugin | undefined) {
  const place = placeOf(thrown, undefined)
  const where = plugin ? `A page of “${plugin.name}” failed` : 'This page failed'
  const fix = `Nothing was changed, and the other pages go on.${place ? ` It happened at ${place}.` : ''}`
  return asLocalappError(thrown, 'LOCALAPP_PLUGIN', where, fix)
}
