/**
 * CSV and JSON Lines in and out of every CRUD plugin.
 *
 * @packageDocumentation
 */
export { transfer } from './transfer.ts'
