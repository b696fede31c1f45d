import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, normalize } from 'node:path'
import { type AppHandle, decodeFields, InvalidInput, type Row } from '@localapp/core'
import { placeholders, placeholdersIn } from './placeholder.ts'
import { problemOfSchedule } from './schedule.ts'
import type { given } from './trigger.ts'

export type Given = Row<typeof given>

/** `~` is the user's own folder. */
export function folderOf(folder: string): string {
  const path = normalize(/^~(?=$|[\\/])/.test(folder) ? join(homedir(), folder.slice(1)) : folder)
  return path.length > 1 ? path.replace(/[\\/]$/, '') : path
}

/** The tables whose records a trigger may follow. */
export async function tablesOf({ db }: Pick<AppHandle, 'db'>): Promise<string[]> {
  const found = await db
    .selectFrom('sqlite_master')
    .select('name')
    .where('type', '=', 'table')
    .orderBy('name')
    .execute()
  return found
    .map(({ name }) => String(name))
    .filter((name) => !/^_|:|^(sqlite|localapp|kysely|triggers)(_|$)/.test(name))
}

/** Why a trigger must not run an action; undefined when it may. */
export function problemOfAction(app: AppHandle, id: string): string | undefined {
  const action = app.actions.get(id)
  if (!action) return `There is no action “${id}”.`
  if (action.plugin === 'triggers' || action.plugin === 'journal')
    return `“${id}” cannot be run by a trigger.`
  if (action.userOnly) return `“${id}” is for the user alone.`
  return action.effect === 'read' ? `“${id}” only looks, so nothing would come of it.` : undefined
}

/** Throws a sentence for each field of a trigger that is not right; returns it without what its occasion has no use for. */
export async function examine(
  app: AppHandle,
  trigger: Given,
  context: Pick<AppHandle, 'db'>,
  now: Date,
  timeZone: string | undefined,
): Promise<Given> {
  const { when } = trigger
  const messages: Record<string, string | undefined> = { action: problemOfAction(app, trigger.action) }
  const isRecord = when === 'created' || when === 'changed'
  const schedule = when === 'schedule' ? trigger.schedule : null
  const table = isRecord ? trigger.table : null
  const folder = when === 'file' && trigger.folder !== null ? folderOf(trigger.folder) : null
  if (when === 'schedule')
    messages.schedule =
      schedule === null ? 'Schedule is required.' : problemOfSchedule(schedule, timeZone, now)
  if (isRecord && !(await tablesOf(context)).includes(table ?? '')) {
    const known = (await tablesOf(context)).join(', ') || 'none'
    messages.table =
      table === null ? 'Table is required.' : `There is no table “${table}”. The tables are: ${known}.`
  }
  if (when === 'file') messages.folder = folder === null ? 'Folder is required.' : problemOfFolder(folder)
  const action = app.actions.get(trigger.action)
  if (action && messages.action === undefined) messages.input = problemOfInput(trigger, action.input)
  const wrong = Object.entries(messages).filter((each): each is [string, string] => each[1] !== undefined)
  if (wrong.length > 0) throw new InvalidInput(Object.fromEntries(wrong))
  return { ...trigger, schedule, table, folder }
}

/** Tells in a sentence why no folder is there. */
export function problemOfFolder(folder: string): string | undefined {
  if (!isAbsolute(folder)) return 'Give the whole path of the folder, as in “~/Inbox”.'
  try {
    return statSync(folder).isDirectory() ? undefined : `${folder} is no folder.`
  } catch {
    return `There is no folder ${folder}, or it cannot be read.`
  }
}

/** What an event puts in is known when it happens; the rest has to be right now. */
function problemOfInput({ input, when }: Given, fields: Parameters<typeof decodeFields>[0]) {
  const known = placeholders[when]
  const strange = placeholdersIn(input).find(
    (name) => !known.some((each) => (each.endsWith('.') ? name.startsWith(each) : name === each)),
  )
  if (strange !== undefined) {
    const names = known.map((each) => `{{${each.endsWith('.') ? `${each}title` : each}}}`).join(', ')
    return `There is no {{${strange}}} here. There is ${names}.`
  }
  const decoded = decodeFields(fields, input, 'json')
  if (decoded.ok) return undefined
  const messages = Object.entries(decoded.messages).filter(
    ([key]) => !(key in fields) || placeholdersIn(input[key] ?? null).length === 0,
  )
  return messages.length > 0 ? messages.map(([, message]) => message).join(' ') : undefined
}
