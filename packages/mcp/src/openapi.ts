import { type AppHandle, fieldsSchema } from '@localapp/core'
import { tools } from './tools.ts'

const text = { type: 'string' }
const json = (schema: object): object => ({ content: { 'application/json': { schema } } })
const object = (properties: object): object => ({ type: 'object', properties })

const responses = {
  200: { description: 'Done.', ...json(object({ output: {}, entry: { type: 'integer' }, summary: text })) },
  202: {
    description: 'Waits for the user.',
    ...json(object({ approval: { type: 'integer' }, title: text })),
  },
  422: { description: 'Refused, in a sentence for each field.', ...json(object({ messages: object({}) })) },
  default: {
    description: 'Failed.',
    ...json(object({ error: object({ code: text, message: text, fix: text }) })),
  },
}

/** Describes the actions as OpenAPI 3.1. */
export function openApi(app: AppHandle): object {
  const paths = [...tools(app)].map(([operationId, action]) => {
    const { plugin, name, title, description = title, input } = action
    const post = {
      operationId,
      tags: [plugin],
      summary: title,
      description,
      requestBody: { required: true, ...json(fieldsSchema(input)) },
      responses,
    }
    return [`/api/${plugin}/${name}`, { post }]
  })
  const description = 'The key stands in the “.lock” file in the data folder, and is new at each start.'
  return {
    openapi: '3.1.0',
    info: { title: app.title, version: '1', description },
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    paths: Object.fromEntries(paths),
  }
}
