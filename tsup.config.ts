import { copyFileSync, existsSync, globSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'tsup'

/**
 * How every package is built; tsup runs in the folder of the package and finds this file above it.
 * The bundles lie flat in `dist`, so what a module reaches by `new URL('./style.css', import.meta.url)` goes there too.
 */
export default defineConfig({
  entry: ['src/index.ts', 'src/testing/index.ts', 'src/app/bin.ts'].filter((file) => existsSync(file)),
  format: 'esm',
  target: 'node22',
  dts: true,
  sourcemap: true,
  splitting: true,
  clean: true,
  removeNodeProtocol: false,
  silent: true,
  async onSuccess() {
    for (const file of globSync('src/**/*.{css,js,md,svg}')) copyFileSync(file, `dist/${basename(file)}`)
  },
})
