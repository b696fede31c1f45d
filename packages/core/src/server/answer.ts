import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { asLocalappError, type LocalappError } from '../error/error.ts'
import { h1, p } from '../html/elements.ts'
import { type Content, fragment, type Html } from '../html/html.ts'
import { regionMarkup } from '../page/region.ts'
import { errorToast } from '../page/toast.ts'
import { placeOf } from '../plugin/place.ts'
import type { PageHandler, PageRequest, Plugin } from '../plugin/plugin.ts'

/** What stands beside the content of a page. */
export interface Sides {
  readonly approvals: Content
  readonly panel: Content
}

/** Puts a page's content into the shell. */
export interface Frame {
  sides(request: PageRequest): Promise<Sides>
  around(content: Content, sides: Sides, request: PageRequest, title: string): Html
}

/** Answers requests for pages. One handler serves the whole page, a part of it, or one region. */
export class Answers {
  readonly #frame: Frame
  readonly #onError: (plugin: Plugin | undefined, error: unknown) => void

  constructor(frame: Frame, onError: (plugin: Plugin | undefined, error: unknown) => void) {
    this.#frame = frame
    this.#onError = onError
  }

  /** Adds a page to a Fastify instance; also what that instance answers when nothing is found or something throws. */
  route(fastify: FastifyInstance, path: string, title: string, handler: PageHandler, plugin?: Plugin): void {
    fastify.get(path, async (request, reply) => {
      try {
        return await this.page(request, reply, title, handler)
      } catch (error) {
        return await this.failure(request, reply, error, plugin)
      }
    })
  }

  /** Runs a page's handler and sends what is wanted of it. */
  async page(
    request: FastifyRequest,
    reply: FastifyReply,
    title: string,
    handler: PageHandler,
    status = 200,
  ): Promise<string> {
    const wanted = wantedRegion(request)
    let region: Html | undefined
    const asked = pageRequest(request, async (id, topics, render) => {
      if (wanted !== undefined && id !== wanted) return fragment()
      const markup = regionMarkup(id, topics, await render())
      if (id === wanted) region = markup
      return markup
    })
    const content = await handler(asked)
    // A region that the page itself does not have stands beside it, in the panel.
    const sides =
      !asked.partial || (wanted !== undefined && !region) ? await this.#frame.sides(asked) : undefined
    const html =
      asked.partial || !sides
        ? (region ?? fragment(content))
        : this.#frame.around(content, sides, asked, title)
    reply.code(status).type('text/html; charset=utf-8').header('vary', 'HX-Request-Type')
    return String(html)
  }

  /** Shows an error in words, in the shell or as a toast. What was not meant for the user is named with its place. */
  async failure(
    request: FastifyRequest,
    reply: FastifyReply,
    thrown: unknown,
    plugin?: Plugin,
  ): Promise<string> {
    const error = readable(thrown, plugin)
    if (error !== thrown) this.#onError(plugin, thrown)
    if (isPartial(request)) {
      reply.code(error.status).type('text/html; charset=utf-8')
      return String(errorToast(`${error.message} ${error.fix}`))
    }
    return await this.page(
      request,
      reply,
      'That did not work',
      () => [h1('That did not work'), p(error.message), p(error.fix)],
      error.status,
    )
  }
}

/** Whether htmx asks for a part of a page. */
export function isPartial(request: FastifyRequest): boolean {
  return request.headers['hx-request-type'] === 'partial'
}

function wantedRegion(request: FastifyRequest): string | undefined {
  const target = request.headers['hx-target']
  return isPartial(request) && typeof target === 'string' ? target.slice(target.indexOf('#') + 1) : undefined
}

function pageRequest(request: FastifyRequest, region: PageRequest['region']): PageRequest {
  const url = new URL(request.url, `http://${request.headers.host}`)
  return {
    url,
    params: request.params as Record<string, string>,
    query: Object.fromEntries(url.searchParams),
    partial: isPartial(request),
    theme: themeOf(request.headers.cookie),
    region,
  }
}

function readable(thrown: unknown, plugin: Plugin | undefined): LocalappError {
  const place = placeOf(thrown, undefined)
  const where = plugin ? `A page of “${plugin.name}” failed` : 'This page failed'
  const fix = `Nothing was changed, and the other pages go on.${place ? ` It happened at ${place}.` : ''}`
  return asLocalappError(thrown, 'LOCALAPP_PLUGIN', where, fix)
}

/** What the theme button left behind. */
function themeOf(cookie = ''): 'light' | 'dark' | undefined {
  const found = /(?:^|; )localapp-theme=(light|dark)(?:;|$)/.exec(cookie)
  return found ? (found[1] as 'light' | 'dark') : undefined
}
