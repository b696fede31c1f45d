/**
 * Tests of assistants with no model of a useful size: all of `@localapp/models/testing`.
 *
 * @packageDocumentation
 */
export * from '@localapp/models/testing'
