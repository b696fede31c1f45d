import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import Fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify'

const requireFrom = createRequire(createRequire(import.meta.url).resolve('fastify'))

/** Makes the routes of the app or of one plugin. What compiles JSON Schema is loaded once a route has one: 60 ms. */
export function makeFastify(options: FastifyHttpOptions<Server> = {}): FastifyInstance {
  return Fastify({
    ...options,
    routerOptions: { ignoreTrailingSlash: true },
    schemaController: {
      compilersFactory: {
        buildValidator: (...given: unknown[]) => requireFrom('@fastify/ajv-compiler')()(...given),
        buildSerializer: (...given) => requireFrom('@fastify/fast-json-stringify-compiler')()(...given),
      },
    },
  })
}
