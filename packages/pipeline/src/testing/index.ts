/**
 * Tests of pipelines: {@link testRun} goes through one, {@link pipelineConformance} holds it against all that runs promise.
 *
 * @packageDocumentation
 */
export { pipelineConformance } from './conformance.ts'
export { type TestRun, type TestRunOptions, testRun } from './test-run.ts'
