import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Application,
  type DocumentReflection,
  PageEvent,
  type ProjectReflection,
  type Reflection,
  RendererEvent,
  type Router,
} from 'typedoc'

/** What typedoc writes into each page, and the Content-Security-Policy of an app refuses there. */
const inline = /<script>([^<]+)<\/script>/g
/** Where typedoc's script begins a style for its filters, of which this site has none. */
const style = 'document.head.appendChild(document.createElement("style"))'
const moved = 'typedoc writes its pages in another way than before: mend scripts/typedoc.ts.'

/**
 * A plugin of typedoc: makes pages that an app can serve as they are, names guides by their headings, puts them in the
 * order of the index of the docs, and lists in `contents.json` what there is.
 */
export function load({ renderer }: Application): void {
  let script: string | undefined
  renderer.on(RendererEvent.BEGIN, ({ project }: RendererEvent) => {
    const index = (project.readme ?? []).map(({ text }) => text).join('')
    const places = new Map<Reflection, number>()
    for (const guide of project.documents ?? []) {
      places.set(guide, index.indexOf(`(${guide.name}.md)`))
      guide.name = headingOf(guide)
    }
    const place = (each: Reflection) => places.get(each) ?? index.length
    project.documents?.sort((one, other) => place(one) - place(other))
    project.childrenIncludingDocuments?.sort((one, other) => place(one) - place(other))
  })
  renderer.on(PageEvent.END, (page: PageEvent) => {
    page.contents = (page.contents ?? '').replaceAll(inline, (_, code: string) => {
      script ??= code
      if (code !== script) throw new Error(`${page.url} has an inline script of its own.`)
      return `<script src="${'../'.repeat(page.url.split('/').length - 1)}assets/begin.js"></script>`
    })
  })
  renderer.on(RendererEvent.END, ({ outputDirectory, project }: RendererEvent) => {
    const main = join(outputDirectory, 'assets/main.js')
    const code = readFileSync(main, 'utf8')
    const { router } = renderer
    if (script === undefined || !code.includes(style) || !router) throw new Error(moved)
    writeFileSync(join(outputDirectory, 'assets/begin.js'), `${script}\n`)
    writeFileSync(main, code.replace(style, 'document.createElement("style")'))
    writeFileSync(
      join(outputDirectory, 'contents.json'),
      `${JSON.stringify(contentsOf(project, router), null, 2)}\n`,
    )
  })
}

function headingOf({ content, name }: DocumentReflection): string {
  const [, heading] = /^# (.+)$/m.exec(content.map(({ text }) => text).join('')) ?? []
  if (heading === undefined) throw new Error(`docs/${name}.md begins without a heading.`)
  return heading.replaceAll('`', '')
}

function contentsOf({ children = [], documents = [] }: ProjectReflection, router: Router) {
  const linked = (each: Reflection) => ({ title: each.name, href: router.getFullUrl(each) })
  return { guides: documents.map(linked), packages: children.map(linked) }
}
