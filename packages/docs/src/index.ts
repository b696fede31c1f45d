/**
 * The guides and the API of localapp as pages of the app: {@link docs}.
 *
 * @packageDocumentation
 */
export { docs } from './docs.ts'
