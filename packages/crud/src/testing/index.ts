/**
 * Tests of CRUD plugins: {@link crudConformance} holds one against all that a table promises.
 *
 * @packageDocumentation
 */
export { crudConformance } from './conformance.ts'
