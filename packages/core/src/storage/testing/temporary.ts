import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Storage } from '../storage.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-storage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A workspace of its own for the test. */
export function temporaryStorage(file: string = join(temporaryFolder(), 'home.db')): Storage {
  const storage = new Storage(file)
  onTestFinished(() => storage.close())
  return storage
}

/** Runs a module in a process of its own, with the files of this folder at `storage` and fields at `field`. */
export function runModule(code: string): ChildProcess {
  const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const preamble = `
    import { Storage } from ${at('../storage.ts')}
    import { own } from ${at('../ownership.ts')}
    import { defineTable } from ${at('../table.ts')}
    import { t } from ${at('../../field/t.ts')}
    const say = (line) => process.stdout.write(line + '\\n')\n`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', preamble + code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Waits for a process to write a line that holds `text`. */
export function line(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let written = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      written += chunk.toString()
      const found = written.split('\n').find((each) => each.includes(text))
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => setTimeout(() => reject(new Error(`it ended and wrote only: ${written}`)), 50))
  })
}

/** Waits for a process to end. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
}
