/**
 * The pages and commands that look after an app: {@link admin}.
 *
 * @packageDocumentation
 */
export { admin } from './admin.ts'
