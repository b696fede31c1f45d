/** The floor: node:http, prepared statements, concatenation, and nothing that localapp guarantees. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { argv } from 'node:process'
import Sqlite from 'better-sqlite3'
import { todoStore } from './todo.ts'

const [, , file = '', frame = ''] = argv
const store = todoStore(new Sqlite(file), JSON.parse(readFileSync(frame, 'utf8')))

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(store.page())
    return
  }
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    const answer = store.create(body)
    response.writeHead(answer ? 200 : 422, { 'content-type': 'application/json' }).end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
