import { Cron } from 'croner'

/** Tells what is wrong with the text of a schedule, in a sentence. */
export function problemOfSchedule(text: string, timeZone: string | undefined, now: Date): string | undefined {
  const help = 'Write minute, hour, day, month and weekday, as in “0 8 * * 1-5”.'
  try {
    return nextDue(text, timeZone, now) ? undefined : `“${text}” never comes. ${help}`
  } catch {
    return `“${text}” is no schedule. ${help}`
  }
}

/** The first time after another that a schedule names; undefined when there is none. */
export function nextDue(text: string, timeZone: string | undefined, after: Date): Date | undefined {
  return new Cron(text, timeZone === undefined ? {} : { timezone: timeZone }).nextRun(after) ?? undefined
}
