/**
 * Runs of pipelines to read, keep and compare: {@link notebook}.
 *
 * @packageDocumentation
 */
export { notebook } from './notebook.ts'
