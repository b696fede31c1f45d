import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../testing/index.ts'
import { type HostedPlugin, Plugin, type PluginContext } from './plugin.ts'

const core = new URL('../index.ts', import.meta.url).href

let root: string
let app: TestApp | undefined

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'localapp-plugins-'))
  mkdirSync(join(root, 'plugins'))
})

afterEach(async () => {
  vi.useRealTimers()
  await app?.close()
  app = undefined
  rmSync(root, { recursive: true })
})

function write(file: string, text: string): void {
  mkdirSync(join(root, file, '..'), { recursive: true })
  writeFileSync(join(root, file), text)
}

/** A plugin's source; \`setup\` is the body of its setup. */
function source(name: string, setup = `page('/', () => '${name}')`): string {
  return `import { Plugin } from '${core}'
export default class extends Plugin {
  name = '${name}'
  async setup({ app, page, action, migrations, slot, started, fastify }) {
    ${setup}
  }
}
`
}

/** Opens an app on the folder and lists what became of its plugins. */
async function open(...plugins: (string | Plugin | (new () => Plugin))[]): Promise<readonly HostedPlugin[]> {
  app = await testApp({ root, plugins: plugins.length > 0 ? plugins : ['./plugins'] })
  return app.plugins()
}

/** An error whose message has these words. */
const saying = (words: string): unknown => ({ message: expect.stringContaining(words) })

class Good extends Plugin {
  name = 'good'
  setup({ page }: PluginContext): void {
    page('/', () => 'It runs')
  }
}

test('files come in the order of their names; tests, types and _files are no plugins', async () => {
  for (const [file, name] of [
    ['10_b.mjs', 'b'],
    ['9_a.mjs', 'a'],
    ['_c.mjs', 'c'],
    ['a.test.mjs', 'd'],
    ['notes.txt', 'e'],
  ] as const) {
    write(`plugins/${file}`, source(name))
  }
  expect((await open('./plugins', Good)).map(({ name }) => name)).toEqual(['a', 'b', 'good'])
})

test('a package is named, or found by “localapp” in its package.json, once', async () => {
  write('package.json', '{"dependencies":{"by-itself":"1","named":"1","other":"1","not-installed":"1"}}')
  for (const name of ['by-itself', 'named']) {
    write(`node_modules/${name}/package.json`, '{"type":"module","localapp":"./plugin.js"}')
    write(`node_modules/${name}/plugin.js`, source(name))
  }
  write('node_modules/other/package.json', '{"name":"other"}')
  expect(await open('named', 'missing')).toMatchObject([
    { name: 'named', state: 'loaded' },
    { name: 'missing', state: 'failed', error: saying('“missing”') },
    { name: 'by-itself', state: 'loaded' },
  ])
})

test.each([
  ['at import', 'throw new Error("oh no")\n', 1],
  ['by its syntax', 'const = 1\n', 1],
  ['in setup', source('bad', "\nthrow new Error('oh no')"), 6],
  ['in setup, later', source('bad', "await null\nthrow new Error('oh no')"), 6],
  [
    'by routes that collide',
    source('bad', "fastify.get('/bad/x', () => 1)\nfastify.get('/bad/x', () => 1)"),
    6,
  ],
  ['when all are there', source('bad', "\nstarted(() => { throw new Error('oh no') })"), 6],
])('a plugin that fails %s is named with file and line, and the others run', async (_when, text, line) => {
  write('plugins/bad.mjs', text)
  const [bad, good] = await open('./plugins', Good)
  expect(bad).toMatchObject({ state: 'failed', place: expect.stringMatching(`bad\\.mjs:${line}$`) })
  expect(good).toMatchObject({ name: 'good', state: 'loaded' })
  expect((await app?.inject({ url: '/good' }))?.body).toContain('It runs')
})

test('a migration that fails stops its plugin alone', async () => {
  write('plugins/bad.mjs', source('bad', "migrations({ one: { up() { throw new Error('oh no') } } })"))
  const [bad, good] = await open('./plugins', Good)
  expect(bad).toMatchObject({
    name: 'bad',
    state: 'migration failed',
    error: saying('oh no'),
  })
  expect(good).toMatchObject({ state: 'loaded' })
  const page = await app?.inject({ url: '/bad' })
  expect(page?.body).toContain('oh no')
})

test('a setup that never ends is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  class Slow extends Plugin {
    name = 'slow'
    async setup(): Promise<void> {
      queueMicrotask(() => vi.runAllTimers())
      await new Promise(() => {})
    }
  }
  expect(await open(Slow, Good)).toMatchObject([
    { name: 'slow', state: 'failed', error: saying('did not start in time') },
    { name: 'good', state: 'loaded' },
  ])
})

test('a page that throws is answered with the place', async () => {
  write('plugins/bad.mjs', source('bad', "page('/', () => {\nthrow new Error('oh no') })"))
  await open()
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const page = await app?.inject({ url: '/bad' })
  expect(said).toHaveBeenCalledOnce()
  expect(page?.statusCode).toBe(500)
  expect(page?.body).toMatch(/bad\.mjs:6/)
})

test('a name that two plugins have names both files; names of the app are refused', async () => {
  write('plugins/1_same.mjs', source('same'))
  write('plugins/2_same.mjs', source('same'))
  write('plugins/3_api.mjs', source('api'))
  write('plugins/4_Upper.mjs', source('Upper'))
  const [first, second, api, upper] = await open()
  expect(first).toMatchObject({ state: 'loaded' })
  expect(second?.error?.message).toMatch(/1_same\.mjs and .*2_same\.mjs/)
  expect(api).toMatchObject({ state: 'failed', error: saying('“api” cannot name a plugin.') })
  expect(upper).toMatchObject({ state: 'failed', error: saying('“Upper” cannot name a plugin.') })
})

test.each([
  ['action', "action('x', { effect: 'read', run: () => 1 })"],
  ['page', "page('/x', () => 1)"],
  ['page of the app', "app.rt.get('/-/x', () => 1)"],
  ['place', "slot('panel', () => 1)"],
])('an %s that is declared twice fails its plugin', async (_what, declare) => {
  write('plugins/bad.mjs', source('bad', `${declare}\n${declare}`))
  const [bad] = await open()
  expect(bad).toMatchObject({ state: 'failed', error: saying('is declared twice') })
})

test('a page of the app that two plugins declare fails the second, and names both', async () => {
  write('plugins/1_one.mjs', source('one', "app.rt.get('/-/x', () => 'of one')"))
  write('plugins/2_two.mjs', source('two', "app.rt.get('/-/x', () => 'of two')"))
  write('plugins/3_three.mjs', source('three', "app.rt.get('no address', () => 'of three')"))
  expect(await open()).toMatchObject([
    { state: 'loaded' },
    { state: 'failed', error: saying('Two plugins have the page /-/x:') },
    { state: 'failed', error: saying('“three” could not be started') },
  ])
  expect((await app?.inject({ url: '/-/x' }))?.body).toContain('of one')
})

test('a plugin has pages anywhere, with parameters and with all that lies below', async () => {
  const lines = ["app.rt.get('/-/files/*', ({ url }) => 'below ' + url.pathname)"]
  lines.push("app.rt.get('/-/a.b/:name/', ({ params }) => 'named ' + params.name)")
  write('plugins/1_one.mjs', source('one', lines.join('\n')))
  await open()
  const answers = ['/-/files/a/b.txt', '/-/a.b/x%20y', '/-/a.b/x/y', '/-/aXb/x', '/-/filesystem'].map(
    async (url) => {
      const { body, statusCode } = (await app?.inject({ url })) ?? {}
      return [statusCode, /(below|named) [^<]*/.exec(body ?? '')?.[0]]
    },
  )
  expect(await Promise.all(answers)).toEqual([
    [200, 'below /-/files/a/b.txt'],
    [200, 'named x y'],
    [404, undefined],
    [404, undefined],
    [404, undefined],
  ])
})

test('what is no plugin, and a file that is not there, are said', async () => {
  write('plugins/empty.mjs', 'export const nothing = 1\n')
  expect(await open('./plugins', './missing.ts')).toMatchObject([
    {
      state: 'failed',
      error: saying('empty.mjs has no plugin'),
      place: expect.stringMatching(/empty\.mjs$/),
    },
    { state: 'failed', error: saying('missing.ts') },
  ])
})

test('a service is found once all are there, whatever the order', async () => {
  const found: unknown[] = []
  class Asks extends Plugin {
    name = 'asks'
    setup({ service, started }: PluginContext): void {
      started(() => void found.push(service('thing'), service('nothing')))
    }
  }
  class Offers extends Plugin {
    name = 'offers'
    setup({ provide }: PluginContext): void {
      provide('thing', 42)
    }
  }
  await open(Asks, Offers)
  expect(found).toEqual([42, undefined])
})

test('a route of a plugin may have a JSON Schema', async () => {
  const schema = "{ params: { type: 'object', properties: { id: { type: 'integer' } } } }"
  write(
    'plugins/own.mjs',
    source('own', `fastify.get('/own/:id', { schema: ${schema} }, ({ params }) => params)`),
  )
  await open()
  expect((await app?.inject({ url: '/own/12' }))?.json()).toEqual({ id: 12 })
  expect((await app?.inject({ url: '/own/x' }))?.statusCode).toBe(400)
})

test('a plugin of Fastify may be awaited in setup, and its hooks hold for the pages', async () => {
  const setup = `await fastify.register(async (inner) => { inner.get('/own/inner', () => 'inner') })
    fastify.addHook('onSend', async (_request, reply) => { reply.header('x-own', '1') })
    page('/', () => 'own page')`
  write('plugins/own.mjs', source('own', setup))
  expect(await open('./plugins', Good)).toMatchObject([{ state: 'loaded' }, { state: 'loaded' }])
  expect((await app?.inject({ url: '/own/inner' }))?.body).toBe('inner')
  expect((await app?.inject({ url: '/own' }))?.headers).toMatchObject({ 'x-own': '1' })
  expect((await app?.inject({ url: '/good' }))?.headers).not.toHaveProperty('x-own')
})
