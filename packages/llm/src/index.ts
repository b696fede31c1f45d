/**
 * The assistant of localapp, {@link assistant}, and all of `@localapp/models`: the adapters for language models.
 *
 * @packageDocumentation
 */
export * from '@localapp/models'
export { type AssistantOptions, assistant } from './assistant.ts'
export type { WatchModel } from './conversation.ts'
