/**
 * What the model was sent, and what it answered.
 *
 * @packageDocumentation
 */
export { inspector } from './inspector.ts'
