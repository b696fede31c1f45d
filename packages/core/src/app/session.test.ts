import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { own } from '../storage/ownership.ts'
import { temporaryFolder } from '../storage/testing/temporary.ts'
import { ownOrFind } from './session.ts'

test('a server that listens and does not answer is waited for no longer than another program', async () => {
  const folder = temporaryFolder()
  const mute = createServer().listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const owner = own(folder, 'home')
  owner?.publish((mute.address() as { port: number }).port)
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
    owner?.release()
    mute.close()
  })
  mute.once('connection', () => vi.setSystemTime(Date.now() + 31_000))
  const found = ownOrFind(folder, 'home')
  await expect(found).rejects.toMatchObject({ code: 'LOCALAPP_DATA_BUSY' })
  await expect(found).rejects.toThrow(`Another process (${process.pid}) has used this data for 30 s`)
})
