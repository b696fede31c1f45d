import type { AppHandle } from '@localapp/core'
import { Refusal } from './message.ts'

/** A prompt for each plugin that gives advice. */
export function prompts(app: AppHandle): object[] {
  const advising = app.plugins().filter(({ plugin }) => plugin?.advice)
  return advising.map(({ name, title }) => ({ name, description: `How to use “${title}”.` }))
}

/** The advice of a plugin as a message. Throws a {@link Refusal} where there is none. */
export function getPrompt(app: AppHandle, name: unknown): object {
  const { title, plugin } = app.plugins().find((each) => each.name === name) ?? {}
  if (!plugin?.advice) throw new Refusal('badParams', `There is no prompt “${name}”.`)
  const text = `How to use “${title}”, whose tools begin with “${name}_”: ${plugin.advice}`
  return { messages: [{ role: 'user', content: { type: 'text', text } }] }
}
