import { input, time } from '../html/elements.ts'
import { bad, defineKind, good, readText, typed } from './kind.ts'

/** A day of the calendar, `2026-11-23`. */
export const date = defineKind<string, 'min' | 'max' | 'filter' | 'index', 'required', string>({
  name: 'date',
  schema: { type: 'string', format: 'date' },
  read: readText(isDay, 'a date like 2026-11-23'),
  input: { type: 'date' },
  cell: (day) => time({ datetime: day }, day),
})

/** A moment, kept in UTC: `2026-11-23T09:30:00.000Z`. Forms and tables show it in the zone of the machine. */
export const datetime = defineKind<string, 'filter' | 'index'>({
  name: 'datetime',
  schema: { type: 'string', format: 'date-time' },
  read(raw, source, label) {
    const text = typeof raw === 'string' ? raw.trim() : ''
    const [, day = '', zone = source === 'form'] = moment.exec(text) ?? []
    const at = zone && isDay(day) && new Date(text).toJSON()
    if (at) return good(at)
    return bad(`${label} must be a date and time like 2026-11-23T09:30${source === 'form' ? '' : 'Z'}.`)
  },
  control: (attributes, value) =>
    input({ ...attributes, type: 'datetime-local', step: 'any', value: onClock(typed(value)) }),
  cell: (at) => time({ datetime: at }, onClock(at).slice(0, 16).replace('T', ' ')),
})

const moment = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/

function isDay(text: string) {
  // JavaScript takes the 30th of February for the 2nd of March, and what is no day for null.
  const day: string | null = new Date(`${text}T00:00Z`).toJSON()
  return /^\d{4}-\d\d-\d\d$/.test(text) && day?.startsWith(text) === true
}

/** Writes a moment as the machine's clock shows it, without seconds where they are zero; other text stays. */
function onClock(text: string) {
  const at = new Date(moment.exec(text)?.[2] ? text : '')
  const local: string | null = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toJSON()
  return local?.replace(/(:00)?\.000Z$|Z$/, '') ?? text
}
