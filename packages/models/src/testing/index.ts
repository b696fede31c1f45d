/**
 * Tests with no model of a useful size: a server that speaks Ollama's wire format, a scripted model, and what
 * every adapter is held to.
 *
 * @packageDocumentation
 */
export {
  type FakeChat,
  type FakeOllama,
  type FakeOllamaOptions,
  type FakePart,
  fakeOllama,
} from './fake-ollama.ts'
export {
  conformanceCall,
  conformanceRequests,
  type ModelBehaviour,
  type ModelConformance,
  type ModelStage,
  modelConformance,
} from './model-conformance.ts'
export { type Script, type ScriptedTurn, scripted } from './scripted.ts'
