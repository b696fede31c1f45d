import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Plugin, t } from '@localapp/core'
import { pluginConformance, testApp } from '@localapp/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../scripts/root.ts'
import { type Block, blocksOf, pages } from './blocks.ts'
import { home, problemsOf } from './compiler.ts'
import { commandLine, described, elementNames, entries, membersOf, read } from './public.ts'

/** Each is a whole module. */
const blocks = pages.flatMap((page) => blocksOf(page, 'ts'))
const scripts = pages.flatMap((page) => blocksOf(page, 'js'))

test('every block of TypeScript in the docs is sound', { timeout: 60_000 }, () => {
  expect(problemsOf(blocks, (at) => `docs-${at}.ts`, {})).toEqual([])
})

test('every block of JavaScript in the docs is sound', { timeout: 60_000 }, () => {
  expect(scripts.length).toBeGreaterThan(1)
  const nameOf = (at: number, { code }: Block) => `docs-${at}.${code.includes('require(') ? 'cjs' : 'js'}`
  // Nothing says what its parameters are; all else is checked. A module of a widget runs in the browser.
  const loose = {
    allowJs: true,
    checkJs: true,
    noImplicitAny: false,
    lib: ['lib.es2024.d.ts', 'lib.dom.d.ts'],
  }
  expect(problemsOf(scripts, nameOf, loose)).toEqual([])
})

test('every other block is JSON that can be read, commands, or words for a chat', () => {
  const known = ['ts', 'js', 'sh', 'json', '']
  const languages = pages.flatMap((page) =>
    Array.from(read(page).matchAll(/^ *```(\w*)$/gm), ([, language]) => [page, language] as const),
  )
  expect(languages.filter(([, language = '']) => !known.includes(language))).toEqual([])
  for (const { code } of pages.flatMap((page) => blocksOf(page, 'json')))
    expect(JSON.parse(code)).toBeTypeOf('object')
})

const plugins = blocks.filter(({ code }) => /^export default class/m.test(code))

test.each(plugins)('the plugin of $name runs, and keeps the promises of the framework', async ({ code }) => {
  const folder = mkdtempSync(join(home, 'docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, '10_plugin.ts'), code)
  const app = await testApp({ plugins: [folder] })
  onTestFinished(() => app.close())
  const [hosted] = app.plugins()
  expect(hosted).toMatchObject({ state: 'loaded' })
  expect(hosted?.plugin).toBeInstanceOf(Plugin)
  const { headers } = await app.inject({ url: '/' })
  expect((await app.inject({ url: String(headers.location ?? '/') })).statusCode).toBe(200)
  const needed = code.includes('Todo.table') ? [join(home, 'plugins/10_todo.ts')] : []
  const { failures } = await pluginConformance(join(folder, '10_plugin.ts'), { plugins: needed })
  expect(failures).toEqual([])
})

/** What the docs say about the packages, in one text. */
const words = pages.map((page) => readFileSync(join(root, page), 'utf8')).join('\n')

test('the README of each package says how to get it', () => {
  const silent = globSync('packages/*/package.json', { cwd: root }).filter((path) => {
    const { name } = JSON.parse(read(path)) as { name: string }
    const command = name.startsWith('create-') ? `npm create ${name.slice(7)}` : `npm install .*${name}\\b`
    return !new RegExp(`^${command}`, 'm').test(read(join(dirname(path), 'README.md')))
  })
  expect(silent).toEqual([])
})

test.each(entries)('the docs name all that $name exports', async ({ name }) => {
  const exported = Object.keys(await import(name))
  const elements = name === '@localapp/core' ? await elementNames() : []
  const missing = exported.filter(
    (each) => !elements.includes(each) && !new RegExp(`\\b${each}\\b`).test(words),
  )
  expect(missing).toEqual([])
})

test.each(described)('the docs name each member of %s', (name, source, page) => {
  const members = membersOf(name, source)
  expect(members.length).toBeGreaterThan(0)
  const text = read(page)
  expect(members.filter((member) => !new RegExp(`\\b${member}\\b`).test(text))).toEqual([])
})

test('every picture is taken by the script and shown, and all of them together are small', () => {
  const pictures = globSync('docs/pictures/*', { cwd: root })
  expect(pictures.length).toBeGreaterThan(7)
  expect(pictures.filter((each) => !words.includes(basename(each)))).toEqual([])
  const taken = Array.from(
    read('scripts/pictures.ts').matchAll(/ take\(page, '(\w+(?:-\w+)*)'\)/g),
    ([, name]) => name,
  )
  expect(pictures.map((each) => basename(each, '.webp')).sort()).toEqual(taken.sort())
  const bytes = pictures.reduce((sum, each) => sum + statSync(join(root, each)).size, 0)
  expect(bytes).toBeLessThan(1_000_000)
})

test('the docs name every kind of field, and every command of the example app with its options', async () => {
  const fields = read('docs/fields.md')
  expect(Object.keys(t).filter((kind) => !fields.includes(`\`${kind}\``))).toEqual([])
  // What a model reads first has them too.
  for (const page of ['docs/llms.txt', 'packages/create-localapp/templates/AGENTS.md'])
    expect([page, ...Object.keys(t).filter((kind) => !new RegExp(`\\b${kind}\\b`).test(read(page)))]).toEqual(
      [page],
    )
  const { commands, options } = commandLine()
  expect(commands.length).toBeGreaterThan(8)
  const data = read('docs/data.md')
  expect(commands.filter((command) => !data.includes(`\`${command}`))).toEqual([])
  expect(options.length).toBeGreaterThan(10)
  expect(options.filter((option) => !new RegExp(`${option}(?![\\w-])`).test(words))).toEqual([])
})

test('what the page for sceptics tells to try is answered as it says', async () => {
  const [tries] = blocksOf('docs/sceptics.md', 'sh')
  const lines = tries?.code.trim().split('\n') ?? []
  expect(lines.length).toBeGreaterThan(5)
  const app = await testApp({ plugins: [join(home, 'plugins')] })
  onTestFinished(() => app.close())
  for (const line of lines) {
    const headers = Object.fromEntries(
      Array.from(line.matchAll(/-H '(.+?): (.*?)'/g), ([, name, value]) => [name, value]),
    )
    const [, method = 'GET'] = /-X (\w+)/.exec(line) ?? []
    const [, url = '', status] = / http:\/\/127\.0\.0\.1:4321(\S+) +# (\d+)$/.exec(line) ?? []
    const { statusCode } = await app.inject({ method, url, headers, asPage: false })
    expect([line, statusCode]).toEqual([line, Number(status)])
  }
})

/** What GitHub makes of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

test('every link of the docs leads somewhere, and the index and llms.txt lead to every page', () => {
  const texts = [...pages, 'docs/llms.txt', 'AGENTS.md', 'CONTRIBUTING.md']
  const links = texts.flatMap((page) =>
    Array.from(read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g), ([, to = '', anchor]) => ({
      page,
      to: to === '' ? page : join(dirname(page), to),
      anchor,
    })),
  )
  const broken = links.filter(({ to, anchor }) => {
    if (!existsSync(join(root, to))) return true
    const headings =
      anchor === undefined ? [] : Array.from(read(to).matchAll(/^#+ (.*)$/gm), ([, each = '']) => each)
    return anchor !== undefined && !headings.map(anchorOf).includes(anchor)
  })
  expect(broken).toEqual([])
  for (const index of ['docs/README.md', 'docs/llms.txt']) {
    const led = links.filter(({ page }) => page === index).map(({ to }) => to)
    const guides = pages.filter((page) => page.startsWith('docs/') && page !== index)
    expect(guides.filter((guide) => !led.includes(guide))).toEqual([])
  }
})
