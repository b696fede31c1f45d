#!/usr/bin/env node
import { createLocalapp } from './create.ts'
import { Refusal } from './refusal.ts'

try {
  await createLocalapp(process.argv.slice(2))
} catch (error) {
  const said =
    error instanceof Refusal
      ? error.message
      : `This failed: ${error instanceof Error ? error.message : error}`
  process.stderr.write(`${said}\n`)
  process.exitCode = 1
}
