import { join } from 'node:path'

/** The path of a model that the tests run; `fixtures/README.md` says where they come from. */
export function model(name: 'tiny-random.gguf' | 'tiny-tool-caller-Q8_0.gguf'): string {
  return join(import.meta.dirname, 'fixtures', name)
}
