import { defineConfig } from 'tsup'

/** One file that runs on the Node of whoever has not got a newer one yet. */
export default defineConfig({
  entry: ['src/bin.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
  removeNodeProtocol: false,
  silent: true,
})
