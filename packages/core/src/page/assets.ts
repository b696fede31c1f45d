import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'

const assets = [
  ['style.css', 'text/css', new URL('./style.css', import.meta.url)],
  ['icon.svg', 'image/svg+xml', new URL('./icon.svg', import.meta.url)],
  ['client.js', 'text/javascript', new URL('./client.js', import.meta.url)],
  ['htmx.js', 'text/javascript', createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js')],
] as const

/** Serves what pages load, from the installed packages; addresses carry a version, so browsers keep it. */
export function routeAssets(fastify: FastifyInstance) {
  for (const [name, type, file] of assets) {
    fastify.get(`/-/assets/${name}`, (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(`${type}; charset=utf-8`)
        .send(readFileSync(file)),
    )
  }
}
