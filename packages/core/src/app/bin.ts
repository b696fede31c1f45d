#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fastApp } from './app.ts'

// An app of the user's own is its own command line; without one, a bare app serves the folder's plugins.
const own = ['app.ts', 'app.js', 'app.mjs'].map((name) => resolve(name)).find((file) => existsSync(file))
if (own === undefined) {
  const app = await fastApp({ root: '.' })
  await app.run()
} else {
  process.argv[1] = own
  await import(pathToFileURL(own).href)
}
