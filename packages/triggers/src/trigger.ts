import {
  type Action,
  bad,
  defineKind,
  defineTable,
  good,
  parseJson,
  type Stored,
  t,
  textarea,
} from '@localapp/core'

/** What may set a trigger off. */
export const occasions = ['schedule', 'created', 'changed', 'file', 'start'] as const
export type Occasion = (typeof occasions)[number]

/** What the user calls them. */
export const occasionWords: Record<Occasion, string> = {
  schedule: 'At certain times',
  created: 'A record is created',
  changed: 'A record is changed',
  file: 'A file appears in a folder',
  start: 'The app starts',
}

/** The input of an action: an object of JSON, which a form writes as text. */
const json = defineKind<Record<string, unknown>, never, 'defaulted'>({
  name: 'json',
  schema: { type: 'object' },
  empty: {},
  multiline: true,
  read(raw, source, label) {
    const value = source === 'form' ? parsed(String(raw)) : raw
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject) return bad(`${label} must be an object of JSON, as in {"title": "Water the plants"}.`)
    return JSON.stringify(value).length > 100_000
      ? bad(`${label} is too long.`)
      : good(value as Record<string, unknown>)
  },
  control: (attributes, value) =>
    textarea({ ...attributes, rows: 4 }, typeof value === 'string' ? value : JSON.stringify(value, null, 2)),
  cell: (value) => JSON.stringify(value),
})

function parsed(text: string): unknown {
  try {
    return parseJson(text, 'LOCALAPP_INVALID', 'This', '')
  } catch {
    return undefined
  }
}

/** What the user says of a trigger. */
export const given = {
  name: t.text({ max: 100 }),
  when: t.pick(occasions, { help: 'What sets it off.' }),
  schedule: t.text({
    max: 200,
    optional: true,
    help: 'Cron text in local time: minute, hour, day, month, weekday. “0 8 * * 1-5” is at 8:00 from Monday to Friday.',
  }),
  table: t.text({ optional: true, help: 'The table whose records count, as in “todo”.' }),
  folder: t.text({ max: 1_000, optional: true, help: 'The whole path of a folder, as in “~/Inbox”.' }),
  action: t.text({ help: 'What runs, as in “todo.create”.' }),
  input: json({
    label: 'Input',
    help: 'JSON with the fields of the action. What happened is put in for {{time}}, {{id}}, {{table}}, {{record.title}}, {{file}} and {{name}}.',
  }),
  on: t.bool({ default: true, label: 'On' }),
}

/** The triggers, as the user and others made them. */
export const triggers = defineTable('triggers', {
  ...given,
  /** Whose word it is: what the user made, or turned on, runs on the user's word. */
  byUser: t.bool(),
  /** What happened before does not count. */
  since: t.text(),
  /** The names in the folder at that time. */
  seen: t.list(t.text({ max: 1_000 }), { max: 100_000 }),
  /** The plugin whose code declares it, and the name that it has there. */
  declared: t.text({ optional: true }),
})

export type Trigger = Stored<typeof triggers.fields>

/** Each time that a trigger was set off. */
export const runs = defineTable('triggers_run', {
  trigger: t.integer({ index: true }),
  /** What placeholders stand for. */
  event: json(),
  /** `gone` is no run: it tells of a file that was there from the beginning and is no more. */
  state: t.pick(['waiting', 'begun', 'done', 'asked', 'failed', 'skipped', 'gone'], { index: true }),
  at: t.text(),
  /** Set off by the clock. */
  scheduled: t.bool(),
  /** The name of the file, while it is there. */
  file: t.text({ max: 1_000, optional: true, index: true }),
  /** The triggers that led to it, the newest last: none of them runs again for it. */
  chain: t.list(t.integer()),
  message: t.text({ max: 10_000, optional: true }),
  /** The journal's entry. */
  entry: t.integer({ optional: true }),
})

export type Run = Stored<typeof runs.fields>

/** Whether an action needs the user's own word to be set off, because it reaches outside the data or takes data away. */
export const isGrave = ({ effect }: Action): boolean => effect === 'external' || effect === 'destructive'
