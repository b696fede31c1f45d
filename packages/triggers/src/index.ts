/**
 * When something happens, an action runs.
 *
 * @packageDocumentation
 */
export type { Clock } from './clock.ts'
export { type TriggersOptions, triggers } from './triggers.ts'
