/** The same by hand on Fastify. */
import { readFileSync } from 'node:fs'
import { argv } from 'node:process'
import Sqlite from 'better-sqlite3'
import Fastify from 'fastify'
import { todoStore } from './todo.ts'

const [, , file = '', frame = ''] = argv
const store = todoStore(new Sqlite(file), JSON.parse(readFileSync(frame, 'utf8')))

const server = Fastify()
server.removeAllContentTypeParsers()
server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
  done(null, body),
)
server.get('/todo', (_request, reply) => reply.type('text/html; charset=utf-8').send(store.page()))
server.post('/api/todo/create', (request, reply) => {
  const answer = store.create(String(request.body))
  return reply
    .code(answer ? 200 : 422)
    .type('application/json')
    .send(answer)
})
console.log(`${await server.listen({ port: 0, host: '127.0.0.1' })}/`)
