import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PluginContext } from '@localapp/core'
import { PipelinePlugin, pipe, t } from '@localapp/pipeline'

/** Shops on this machine, so that the example reaches nobody else. */
const shops: Readonly<Record<string, string>> = { lu: '24.50', kettle: '19.90', brown: '27.00' }
let urls: string[] = []

export default class PriceWatch extends PipelinePlugin({
  name: 'price-watch',
  steps: pipe()
    .ask('shops', {
      title: 'Which shops?',
      help: 'The example serves these three itself; name any others.',
      fields: { product: t.text(), urls: t.list(t.url()) },
      defaults: () => ({ product: 'Teapot', urls }),
    })
    .run('pages', {
      title: 'Read the pages',
      retries: 3,
      timeout: '2m',
      async run({ input, progress, signal }) {
        const pages: { url: string; text: string }[] = []
        for (const [i, url] of input.urls.entries()) {
          const response = await fetch(url, { signal })
          pages.push({ url, text: await response.text() })
          progress(i + 1, input.urls.length, url)
        }
        return { pages }
      },
    })
    .llm('offers', {
      title: 'Find the prices',
      fields: { offers: t.list(t.obj({ shop: t.text(), price: t.number() })) },
      prompt: ({ input, all }) =>
        `Prices of ${all.shops.product}:\n${input.pages.map((page) => page.text).join('\n---\n')}`,
    })
    .approve('final', { title: 'Right?', editable: true, show: ({ input }) => input.offers }),
}) {
  #server = createServer(({ url = '/' }, response) => {
    const price = shops[url.slice(1)]
    response.setHeader('connection', 'close')
    response.end(`<h1>Shop “${url.slice(1)}”</h1><p>Teapot, blue: ${price ? `€ ${price}` : 'sold out'}</p>`)
  })

  override setup(context: PluginContext): void {
    super.setup(context)
    this.#server.listen(0, '127.0.0.1', () => {
      const { port } = this.#server.address() as AddressInfo
      urls = Object.keys(shops).map((shop) => `http://127.0.0.1:${port}/${shop}`)
    })
  }

  override async close(): Promise<void> {
    this.#server.close()
    await super.close?.()
  }
}
