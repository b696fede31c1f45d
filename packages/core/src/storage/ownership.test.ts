import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { own, readOwner } from './ownership.ts'
import { ended, line, runModule, temporaryFolder } from './testing/temporary.ts'

test('one process owns a workspace, says how to reach it, and lets it go', () => {
  const folder = join(temporaryFolder(), 'data')
  const owner = own(folder, 'home')
  expect(owner?.key).toMatch(/^[\w-]{43}$/)
  expect(readOwner(folder, 'home')).toEqual({ pid: process.pid, key: owner?.key })
  owner?.publish(4321)
  expect(readOwner(folder, 'home')).toEqual({ pid: process.pid, port: 4321, key: owner?.key })
  expect(statSync(join(folder, 'home.lock')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(own(folder, 'home')).toBeUndefined()
  own(folder, 'other')?.release()
  owner?.release()
  owner?.release()
  expect(readOwner(folder, 'home')).toBeUndefined()
  const next = own(folder, 'home')
  expect(next?.key).not.toBe(owner?.key)
  owner?.release()
  expect(readOwner(folder, 'home')?.key).toBe(next?.key)
  next?.release()
})

const hold = (folder: string): string => `
  const owner = own(${JSON.stringify(folder)}, 'home')
  say(owner ? 'owned ' + owner.key : 'refused')
  if (owner) { owner.publish(4321); setInterval(gc, 20) }`

test('another process keeps it from us, at once, and kill -9 frees it', async () => {
  const folder = temporaryFolder()
  const child = runModule(hold(folder))
  const key = (await line(child, 'owned')).split(' ')[1]
  const started = performance.now()
  for (let i = 0; i < 20; i++) expect(own(folder, 'home')).toBeUndefined()
  expect((performance.now() - started) / 20).toBeLessThan(5)
  expect(readOwner(folder, 'home')).toMatchObject({ pid: child.pid, key })
  await line(runModule(hold(folder)), 'refused')
  child.kill('SIGKILL')
  await ended(child)
  expect(existsSync(join(folder, 'home.lock'))).toBe(true)
  const owner = own(folder, 'home')
  expect(readOwner(folder, 'home')).toEqual({ pid: process.pid, key: owner?.key })
  expect(own(folder, 'home')).toBeUndefined()
  await line(runModule(hold(folder)), 'refused')
  owner?.release()
})

test('of many that try at the same time one gets it', async () => {
  const folder = temporaryFolder()
  const answers = await Promise.all(Array.from({ length: 4 }, () => line(runModule(hold(folder)), 'e')))
  expect(answers.filter((answer) => answer.startsWith('owned'))).toHaveLength(1)
})

test('the note is never half written', async () => {
  const folder = temporaryFolder()
  const child = runModule(`
    const owner = own(${JSON.stringify(folder)}, 'home')
    say('owned')
    for (let port = 1; ; port++) owner.publish(port)`)
  await line(child, 'owned')
  const ports = new Set<number>()
  while (ports.size < 50) {
    const note = JSON.parse(readFileSync(join(folder, 'home.lock'), 'utf8'))
    if (note.port !== undefined) ports.add(note.port)
  }
  child.kill('SIGKILL')
})

test('a note that is no note is none', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'home.lock'), '{"pid":')
  expect(readOwner(folder, 'home')).toBeUndefined()
})

test('a folder that cannot be made says so', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'data'), '')
  expect(() => own(join(folder, 'data'), 'home')).toThrow(
    expect.objectContaining({ code: 'LOCALAPP_DATA_READ_ONLY' }),
  )
  expect(readdirSync(folder)).toEqual(['data'])
})
