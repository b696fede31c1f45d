/**
 * More language models for the assistant of localapp: servers that speak OpenAI's format, llama.cpp in process, and
 * the first of several that answers.
 *
 * @packageDocumentation
 */
export { firstOf } from './first-of.ts'
export { type LlamaCppModel, type LlamaCppOptions, llamaCpp } from './llama-cpp.ts'
export { type OpenaiCompatibleOptions, openaiCompatible } from './openai-compatible.ts'
