import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pluginConformance, testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Docs } from './docs.ts'
import { docs } from './index.ts'

const contents = {
  guides: [{ title: 'Fields', href: 'documents/fields.html' }],
  packages: [{ title: '@localapp/core', href: 'modules/core.html' }],
}

/** A folder with a `site` in it, and a file beside that. */
function built(): { folder: string; site: string } {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const site = join(folder, 'site')
  for (const each of ['documents', 'modules', 'assets']) mkdirSync(join(site, each), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'not yours')
  writeFileSync(join(site, 'index.html'), '<h1>All</h1>')
  writeFileSync(join(site, 'documents/fields.html'), '<h1>Fields</h1>')
  writeFileSync(join(site, 'modules/core.html'), '<h1>Core</h1>')
  writeFileSync(join(site, 'assets/main.js'), 'go()')
  writeFileSync(join(site, 'contents.json'), JSON.stringify(contents))
  return { folder, site }
}

async function served(site: string) {
  const app = await testApp({ plugins: [new Docs(site)] })
  onTestFinished(() => app.close())
  return app
}

test('the page lists guides and packages, and each opens under the policy of the app', async () => {
  const app = await served(built().site)
  const { body, headers } = await app.inject({ url: '/-/docs' })
  expect(body).toContain('href="/docs/documents/fields.html"')
  expect(body).toContain('href="/docs/modules/core.html"')
  const page = await app.inject({ url: '/docs/documents/fields.html' })
  expect(page).toMatchObject({ statusCode: 200, body: '<h1>Fields</h1>' })
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['content-security-policy']).toBe(headers['content-security-policy'])
  expect((await app.inject({ url: '/docs/index.html' })).body).toBe('<h1>All</h1>')
  expect((await app.inject({ url: '/docs' })).headers.location).toBe('/-/docs')
  expect((await app.inject({ url: '/docs/assets/main.js' })).headers['content-type']).toMatch(
    /^text\/javascript/,
  )
})

test('nothing but files of the site is served', async () => {
  const { site } = built()
  const app = await served(site)
  const others = [
    '../secret.txt',
    '..%2fsecret.txt',
    '%2e%2e/secret.txt',
    'documents',
    'a%00.html',
    'none.html',
  ]
  for (const path of [...others, encodeURIComponent(join(site, '../secret.txt'))]) {
    const { statusCode, body } = await app.inject({ url: `/docs/${path}` })
    expect([path, statusCode]).toEqual([path, 404])
    expect(body).not.toContain('not yours')
  }
  expect((await app.inject({ url: '/docs/index.html', asPage: false })).statusCode).toBe(401)
})

test('where nothing is built the page says how to', async () => {
  const app = await served(join(built().folder, 'none'))
  expect((await app.inject({ url: '/-/docs' })).body).toContain('npx --yes pnpm@12 docs:api')
  expect((await app.inject({ url: '/docs/index.html' })).statusCode).toBe(404)
})

test('it keeps the promises of the framework, built or not', async () => {
  expect((await pluginConformance(new Docs(built().site))).failures).toEqual([])
  expect((await pluginConformance(docs())).failures).toEqual([])
})
