import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { approvalTopic } from '../action/approval.ts'
import { entries } from '../action/journal.ts'
import { asLocalappError, type LocalappError, report } from '../error/error.ts'
import { h1, p } from '../html/elements.ts'
import { type Content, fragment, type Html } from '../html/html.ts'
import { approvalCard } from '../page/approval-card.ts'
import { regionMarkup } from '../page/region.ts'
import { type MenuItem, type ShellOptions, shell } from '../page/shell.ts'
import { errorToast, toast } from '../page/toast.ts'
import type { Contribution } from '../plugin/contribution.ts'
import type { PluginHost } from '../plugin/host.ts'
import { placeOf } from '../plugin/place.ts'
import { type AppHandle, type PageHandler, type PageRequest, type Plugin, titleOf } from '../plugin/plugin.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL(import.meta.resolve('@localapp/core/package.json')), 'utf8'),
)

/** Answers requests for pages. One handler serves the whole page, a part of it, or one region. */
export class Answers {
  readonly #app: AppHandle
  readonly #host: PluginHost

  constructor(app: AppHandle, host: PluginHost) {
    this.#app = app
    this.#host = host
  }

  route(fastify: FastifyInstance, path: string, title: string, handler: PageHandler, plugin?: Plugin): void {
    fastify.get(path, async (request, reply) => {
      try {
        return await this.page(request, reply, title, handler)
      } catch (error) {
        return await this.failure(request, reply, error, plugin)
      }
    })
  }

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
    reply.code(status).type('text/html; charset=utf-8').header('vary', 'HX-Request-Type')
    if (!asked.partial) return String(await this.#document(title, content, asked))
    // A region that the page itself does not have stands beside it.
    if (wanted !== undefined && !region) await this.#sides(asked)
    return String(region ?? fragment(content))
  }

  /** Shows an error in words, in the shell or as a toast. What was not meant for the user is named with its place. */
  async failure(
    request: FastifyRequest,
    reply: FastifyReply,
    thrown: unknown,
    plugin?: Plugin,
  ): Promise<string> {
    const error = readable(thrown, plugin)
    if (error !== thrown) report(plugin ? `A page of “${plugin.name}” threw:` : 'A page threw:', thrown)
    const { message, fix, status } = error
    if (isPartial(request)) return this.refusal(reply, errorToast(`${message} ${fix}`), status)
    const title = 'That did not work'
    return await this.page(request, reply, title, () => [h1(title), p(message), p(fix)], status)
  }

  refusal(reply: FastifyReply, parts: Html, status: number): string {
    reply.code(status).type('text/html; charset=utf-8')
    return String(parts)
  }

  async #document(pageTitle: string, content: Content, request: PageRequest): Promise<Html> {
    const { title, streams } = this.#app
    return shell({
      title: pageTitle,
      appTitle: title,
      menu: this.#menu(request),
      theme: request.theme,
      content,
      ...(await this.#sides(request)),
      toasts: this.#doneToast(request),
      version,
      since: streams.sequence,
    })
  }

  async #sides(request: PageRequest): Promise<Pick<ShellOptions, 'approvals' | 'panel'>> {
    const cards = (): Content =>
      this.#app
        .reader(entries)
        .all({ where: [['state', '=', 'asked']], limit: 20 })
        .map((entry) => approvalCard(entry, this.#app.actions.get(entry.action)))
    const beside = this.#host.contributions.filter(({ panel }) => panel)
    return {
      approvals: await request.region('approval-cards', [approvalTopic], cards),
      panel: beside[0] && {
        title: titleOf(beside[0].plugin),
        content: await Promise.all(beside.map((each) => this.#panel(each, request))),
      },
    }
  }

  /** A panel that throws takes no page with it. */
  async #panel({ plugin, panel }: Contribution, request: PageRequest): Promise<Content> {
    try {
      return await panel?.(request)
    } catch (error) {
      report(`The panel of “${plugin.name}” threw:`, error)
      return p({ class: 'error' }, readable(error, plugin).message)
    }
  }

  #menu({ url }: PageRequest): MenuItem[] {
    const own = this.#host.contributions.flatMap(({ plugin, pages }) =>
      pages.has('/') ? [{ title: titleOf(plugin), href: `/${plugin.name}` }] : [],
    )
    return [...own, { title: 'Journal', href: '/-/journal' }].map(({ title, href }) => ({
      title,
      href,
      current: url.pathname === href || url.pathname.startsWith(`${href}/`),
    }))
  }

  /** A page that an action led to by its address says there what was done. */
  #doneToast({ url }: PageRequest): Content {
    const done = url.searchParams.get('_done')
    const before = Number(done) + 1
    const [entry] = before > 1 ? this.#app.journal.list({ before, limit: 1 }) : []
    return entry && `${entry.id}` === done && toast(entry)
  }
}

export function isPartial(request: FastifyRequest): boolean {
  return request.headers['hx-request-type'] === 'partial'
}

function wantedRegion(request: FastifyRequest): string | undefined {
  const target = request.headers['hx-target']
  return isPartial(request) && typeof target === 'string' ? target.slice(target.indexOf('#') + 1) : undefined
}

function pageRequest(request: FastifyRequest, region: PageRequest['region']): PageRequest {
  const url = new URL(request.url, `http://${request.headers.host}`)
  const [, theme] = /(?:^|; )localapp-theme=(light|dark)(?:;|$)/.exec(request.headers.cookie ?? '') ?? []
  // What names the toast is not for the page: it neither narrows a list nor goes on to the next one.
  const { _done, ...query } = Object.fromEntries(url.searchParams)
  return {
    url,
    params: request.params as Record<string, string>,
    query,
    partial: isPartial(request),
    theme: theme as 'light' | 'dark' | undefined,
    region,
  }
}

function readable(thrown: unknown, plugin: Plugin | undefined): LocalappError {
  const place = placeOf(thrown, undefined)
  const where = plugin ? `A page of “${plugin.name}” failed` : 'This page failed'
  const fix = `Nothing was changed, and the other pages go on.${place ? ` It happened at ${place}.` : ''}`
  return asLocalappError(thrown, 'LOCALAPP_PLUGIN', where, fix)
}
