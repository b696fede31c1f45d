/** Fastify by hand, with the routes of so many plugins. */
import { argv } from 'node:process'
import Fastify from 'fastify'

const server = Fastify()
const routes = Number(argv[2]) * 10
for (let route = 0; route < routes; route++)
  server.get(`/plugin-${route}`, (_request, reply) => reply.type('text/html').send(`<h1>${route}</h1>`))
server.get('/todo', (_request, reply) => reply.type('text/html').send('<h1>Todo</h1>'))
console.log(`${await server.listen({ port: 0, host: '127.0.0.1' })}/`)
