import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'

/** A registry of npm packages on this machine; what it does not have is at the registry behind it. */
export interface LocalRegistry {
  readonly url: string
  /** Takes a packed package in. */
  publish(tarball: string): void
  close(): void
}

/** The part of a package.json that is read here. */
interface Manifest {
  readonly name: string
  readonly version: string
}

/** Serves packed packages on a free port, and sends whoever asks for others on to `behind`. */
export async function openRegistry(behind: string): Promise<LocalRegistry> {
  const packages = new Map<string, object>()
  const tarballs = new Map<string, Buffer>()
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(url.slice(1))
    const tarball = tarballs.get(path)
    const about = packages.get(path)
    if (tarball) response.end(tarball)
    else if (about) response.setHeader('content-type', 'application/json').end(JSON.stringify(about))
    else response.writeHead(302, { location: new URL(url.slice(1), behind).href }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url,
    publish(file) {
      const packed = readFileSync(file)
      const manifest = JSON.parse(
        execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }),
      ) as Manifest
      const { name, version } = manifest
      const path = `-/packed/${basename(file)}`
      const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`
      tarballs.set(path, packed)
      packages.set(name, {
        name,
        'dist-tags': { latest: version },
        versions: { [version]: { ...manifest, dist: { tarball: `${url}${path}`, integrity } } },
      })
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
