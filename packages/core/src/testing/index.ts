/**
 * Tests of apps and plugins: a whole app on a free port, with data of its own.
 *
 * @packageDocumentation
 */
export { type ConformanceOptions, pluginConformance } from './conformance.ts'
export { type Conformance, type Fail, type Findings, findings } from './findings.ts'
export { hostile, sampleOf } from './sample.ts'
export {
  type InjectOptions,
  type InjectResponse,
  type TestApp,
  type TestAppOptions,
  testApp,
} from './test-app.ts'
