import type { AppHandle } from '@localapp/core'
import { Refusal } from './message.ts'
import { callAction, tools } from './tools.ts'

const mimeType = 'application/json'

/** A resource for each plugin that can list and get its records. */
export function resources(app: AppHandle) {
  const known = tools(app)
  const reads = (name: string): boolean => known.get(name)?.effect === 'read'
  return app.plugins().flatMap(({ name, title }) => {
    const isListed = reads(`${name}_list`) && reads(`${name}_get`)
    return isListed ? [{ uri: `localapp://${name}`, name, title, mimeType }] : []
  })
}

/** Templates for the records of those. */
export function templates(app: AppHandle): object[] {
  return resources(app).map(({ uri, name, title }) => {
    return { uriTemplate: `${uri}/{id}`, name: `${name}-record`, title: `${title}: one record`, mimeType }
  })
}

/** Reads `localapp://todo` or `localapp://todo/1`. Throws a {@link Refusal} for what is not there. */
export async function readResource(app: AppHandle, given: unknown, signal: AbortSignal): Promise<object> {
  const uri = String(given)
  const [, list, id] = /^(localapp:\/\/[^/]+)(?:\/(\d+))?$/.exec(uri) ?? []
  const name = resources(app).find((each) => each.uri === list)?.name
  const [action, input] = id ? ['get', { id: Number(id) }] : ['list', {}]
  const outcome = await callAction(app, `${name}.${action}`, input, signal)
  if (!name || outcome.status !== 'done')
    throw new Refusal('noResource', `There is no resource “${uri}” that can be read.`)
  return { contents: [{ uri, mimeType, text: JSON.stringify(outcome.output ?? null) }] }
}
