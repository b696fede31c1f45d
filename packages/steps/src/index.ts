/**
 * More kinds of step: {@link map} works over many items, {@link shell} runs a program.
 *
 * @packageDocumentation
 */
export { type MapOptions, map } from './map.ts'
export { type ShellOptions, shell } from './shell.ts'
