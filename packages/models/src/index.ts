/**
 * Language models behind one interface, {@link Model}: Ollama, servers that speak OpenAI's format, llama.cpp in
 * process, and the first of several that answers.
 *
 * @packageDocumentation
 */
export { firstOf } from './first-of.ts'
export { type LlamaCppModel, type LlamaCppOptions, llamaCpp } from './llama-cpp.ts'
export * from './model.ts'
export { type OllamaOptions, ollama } from './ollama.ts'
export { type OpenaiCompatibleOptions, openaiCompatible } from './openai-compatible.ts'
