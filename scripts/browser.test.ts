import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { findBrowser } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'localapp-browser-'))

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

test('a browser is found on PATH by its name, and only when it can be run', () => {
  const program = join(folder, 'google-chrome')
  vi.stubEnv('CHROME_PATH', '')
  vi.stubEnv('PATH', folder)
  writeFileSync(program, '')
  expect(findBrowser()).not.toBe(program)
  chmodSync(program, 0o755)
  expect(findBrowser()).toBe(program)
})

test('a CHROME_PATH that is no program is an error, not a skip', () => {
  vi.stubEnv('CHROME_PATH', join(folder, 'nothing'))
  expect(() => findBrowser()).toThrow('CHROME_PATH')
})
