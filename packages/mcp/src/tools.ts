import { type Action, type AppHandle, fieldsSchema, type Outcome } from '@localapp/core'
import { isObject, type Params, Refusal } from './message.ts'

/** What a program may call, by its id with `_` for the dot: all but what is for the user alone. */
export function tools({ actions }: AppHandle): Map<string, Action> {
  const offered = actions.list().filter(({ userOnly }) => !userOnly)
  return new Map(offered.map((action) => [action.id.replace('.', '_'), action]))
}

/** Runs an action as a program and never as the user, so that what deletes or reaches outside waits on a card. */
export function callAction(app: AppHandle, id: string, input: Params, signal: AbortSignal): Promise<Outcome> {
  return app.actions.call(id, input, { actor: { kind: 'program', name: 'mcp' }, signal })
}

/** Describes a tool. */
export function describe([name, action]: readonly [string, Action]): object {
  const { plugin, effect, input, title, description = title } = action
  const waits = effect === 'destructive' || effect === 'external'
  return {
    name,
    title: `${plugin}: ${title}`,
    description: waits ? `${description} Waits until the user approves it in the app.` : description,
    inputSchema: fieldsSchema(input),
    annotations: {
      readOnlyHint: effect === 'read',
      destructiveHint: waits,
      openWorldHint: effect === 'external',
      ...(effect === 'read' && { idempotentHint: true }),
    },
  }
}

/** Calls a tool. Throws a {@link Refusal} for one that there is not. */
export async function callTool(
  app: AppHandle,
  { name, arguments: given = {} }: Params,
  signal: AbortSignal,
): Promise<object> {
  const action = tools(app).get(String(name))
  if (!action) throw new Refusal('badParams', `There is no tool “${name}”.`)
  if (!isObject(given)) throw new Refusal('badParams', '“arguments” must be an object.')
  const outcome = await callAction(app, action.id, given, signal)
  const isError = outcome.status === 'invalid' || outcome.status === 'failed'
  const output = outcome.status === 'done' && outcome.output
  return {
    content: [{ type: 'text', text: wordsOf(outcome) }],
    ...(isError && { isError }),
    ...(isObject(output) && { structuredContent: output }),
  }
}

function wordsOf(outcome: Outcome): string {
  switch (outcome.status) {
    case 'done':
      return JSON.stringify(outcome.output ?? null)
    case 'invalid':
      return Object.entries(outcome.messages)
        .map(([field, words]) => (field ? `${field}: ${words}` : words))
        .join('\n')
    case 'failed':
      return `${outcome.error.message} ${outcome.error.fix}`
    case 'approval':
      return (
        `“${outcome.title}” waits, and nothing has been done yet: ask the user to approve or reject it in the app. ` +
        `What became of it is the state of entry ${outcome.approval} in journal_list: asked, done, rejected, refused or failed.`
      )
  }
}
