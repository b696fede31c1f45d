import { defineConfig } from 'vitest/config'

/** Packages find each other's source by this condition, so that tests need no build. */
const source = '@localapp/source'
const conditions = [source, 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [source] } },
  test: {
    environment: 'node',
    pool: 'forks',
    restoreMocks: true,
    // What is waited for may take its time on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages/*/src,packages/*/templates,examples/*,scripts,tests}/**/*.test.ts'],
          testTimeout: 15_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/e2e/*.e2e.ts'],
          // One file at a time, and apart from the unit tests: a browser wants the machine for itself.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
