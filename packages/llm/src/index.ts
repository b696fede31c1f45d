/**
 * The assistant of localapp: {@link assistant}, and adapters for language models.
 *
 * @packageDocumentation
 */
export { type AssistantOptions, assistant } from './assistant.ts'
export * from './model/model.ts'
export { type OllamaOptions, ollama } from './model/ollama.ts'
