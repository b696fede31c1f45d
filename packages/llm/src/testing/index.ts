/**
 * Tests of assistants with no model: a server that speaks Ollama's wire format, and a scripted model.
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
export { type Script, type ScriptedTurn, scripted } from './scripted.ts'
