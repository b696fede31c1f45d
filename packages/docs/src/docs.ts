import { fileURLToPath } from 'node:url'
import {
  a,
  asLocalappError,
  type Content,
  h1,
  h2,
  isLocalappError,
  li,
  localappError,
  Plugin,
  type PluginContext,
  p,
  ul,
} from '@localapp/core'
import { type Contents, type Link, Site } from './site.ts'

/**
 * The guides and the API of localapp, on the page “Docs” at `/-/docs` and in a site with a search under `/docs/`, all
 * of it offline.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', docs()] })
 * ```
 */
export function docs(): Plugin {
  return new Docs(fileURLToPath(new URL('../site', import.meta.url)))
}

/** Serves the site that lies in a folder. */
export class Docs extends Plugin {
  readonly name = 'docs'
  override readonly title = 'Docs'
  readonly #site: Site

  constructor(folder: string) {
    super()
    this.#site = new Site(folder)
  }

  setup({ app, fastify, menu }: PluginContext): void {
    menu(this.title, '/-/docs')
    app.rt.get('/-/docs', () => contentsPage(this.#site.contents()))
    fastify.setErrorHandler<Error>((thrown, _request, reply) => {
      const what = 'This page of the docs could not be read'
      const error = asLocalappError(thrown, 'LOCALAPP_PLUGIN', what, 'Look into “Docs” in the menu.')
      const status = isLocalappError(error) ? error.status : 500
      return reply.code(status).type('text/plain; charset=utf-8').send(`${error.message}\n${error.fix}\n`)
    })
    fastify.get('/docs', (_request, reply) => reply.redirect('/-/docs'))
    fastify.get<{ Params: { '*': string } }>('/docs/*', (request, reply) => {
      const path = request.params['*']
      const file = this.#site.file(path)
      if (file) return reply.type(file.type).send(file.body)
      throw localappError(
        'LOCALAPP_NOT_FOUND',
        `There is no page of the docs at ${path}.`,
        'Look into “Docs” in the menu.',
      )
    })
  }
}

function contentsPage(contents: Contents | undefined): Content {
  const heading = h1('Docs')
  if (!contents)
    return [heading, p('They are not built yet: run “npx --yes pnpm@12 docs:api” in the repository.')]
  const list = (links: readonly Link[]) =>
    ul(links.map(({ title, href }) => li(a({ href: `/docs/${href}` }, title))))
  return [
    heading,
    p(a({ href: '/docs/index.html' }, 'Begin here'), ', or open any page and press / to search all of them.'),
    h2('Guides'),
    list(contents.guides),
    h2('Packages'),
    list(contents.packages),
  ]
}
