import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'

const htmx = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js')
const assets = {
  'style.css': { file: new URL('../page/style.css', import.meta.url), type: 'text/css; charset=utf-8' },
  'client.js': {
    file: new URL('../page/client.js', import.meta.url),
    type: 'text/javascript; charset=utf-8',
  },
  'htmx.js': { file: htmx, type: 'text/javascript; charset=utf-8' },
} as const

/** Serves the stylesheet, the client and htmx from the installed packages; addresses carry a version, so they are kept. */
export function routeAssets(fastify: FastifyInstance): void {
  for (const [name, { file, type }] of Object.entries(assets)) {
    let body: Buffer | undefined
    fastify.get(`/-/assets/${name}`, (_request, reply) => {
      body ??= readFileSync(file)
      return reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(body)
    })
  }
}
