import { input, time } from '../html/elements.ts'
import { bad, defineKind, good, type Maker, typed } from './kind.ts'

/** A day of the calendar, `2026-11-23`. */
export const date: Maker<string, 'min' | 'max' | 'filter' | 'index', 'required', string> = defineKind(
  ({ min, max }) => ({
    name: 'date',
    schema: { type: 'string', format: 'date' },
    read(raw, _source, label) {
      const day = typeof raw === 'string' ? raw.trim() : ''
      return isDay(day) ? good(day) : bad(`${label} must be a date like 2026-11-23.`)
    },
    input: { type: 'date', min, max },
    cell: (day) => time({ datetime: day }, day),
  }),
)

/** A moment, kept in UTC: `2026-11-23T09:30:00.000Z`. Forms and tables show it in the zone of the machine. */
export const datetime: Maker<string, 'filter' | 'index'> = defineKind(() => ({
  name: 'datetime',
  schema: { type: 'string', format: 'date-time' },
  read(raw, source, label) {
    const text = typeof raw === 'string' ? raw.trim() : ''
    const [, day = '', zone = source === 'form'] = moment.exec(text) ?? []
    const at = new Date(zone && isDay(day) ? text : '')
    if (!Number.isNaN(at.getTime())) return good(at.toISOString())
    return bad(`${label} must be a date and time like 2026-11-23T09:30${source === 'form' ? '' : 'Z'}.`)
  },
  control: (attributes, value) =>
    input({ ...attributes, type: 'datetime-local', step: 'any', value: onClock(typed(value)) }),
  cell: (at) => time({ datetime: at }, onClock(at).slice(0, 16).replace('T', ' ')),
}))

const moment = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/

function isDay(text: string): boolean {
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00Z` : '')
  // JavaScript takes the 30th of February for the 2nd of March.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** Writes a moment as the machine's clock shows it, without seconds where they are zero; other text stays. */
function onClock(text: string): string {
  const at = new Date(moment.exec(text)?.[2] ? text : '')
  if (Number.isNaN(at.getTime())) return text
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().replace(/(:00)?\.000Z$|Z$/, '')
}
