import { globSync, readFileSync } from 'node:fs'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import { contextFile, contextPack } from '../scripts/context.ts'
import { root } from '../scripts/root.ts'
import { ended, home, temporaryFolder } from './home.ts'

test('what a model is given is made from the docs, and has under 8,000 tokens', () => {
  const pack = contextPack()
  // `npx --yes pnpm@12 run context` makes it anew.
  expect(readFileSync(contextFile, 'utf8')).toBe(pack)
  const count = countTokens(pack)
  expect(count).toBeLessThan(8_000)
  expect(pack).not.toMatch(/\]\((?!https?:)/)
  const docs = globSync('docs/*', { cwd: root, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ name }) => readFileSync(`${root}/docs/${name}`, 'utf8'))
    .join('\n')
  const blocks = pack.match(/^```\w*\n.*?^```$/gms) ?? []
  expect(blocks.length).toBeGreaterThan(10)
  expect(blocks.filter((block) => !docs.includes(block))).toEqual([])
})

test('localapp context prints it, and --full the sources as well', async () => {
  const short = await ended(home(temporaryFolder(), 'context'))
  expect(short).toMatchObject({
    code: 0,
    out: readFileSync(contextFile, 'utf8'),
    err: expect.stringMatching(/^About \d,\d00 tokens\.\n$/),
  })
  const full = await ended(home(temporaryFolder(), 'context', '--full'))
  expect(full.code).toBe(0)
  expect(full.out).toContain('// @localapp/core/src/action/call.ts')
  expect(full.out).toContain('// @localapp/pipeline/src/engine.ts')
  expect(full.out).not.toContain('.test.ts')
  const count = countTokens(full.out)
  expect(count).toBeLessThan(95_000)
})
