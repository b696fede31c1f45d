import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { namedByChanges, problemOfReport, reportOf } from './api.ts'
import { manifests } from './packed.ts'
import { root } from './root.ts'

function reportOn(index: string, chunk: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-api-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'index.d.ts'), index)
  writeFileSync(join(folder, 'chunk-1.d.ts'), chunk)
  return reportOf('@x/y', { '.': join(folder, 'index.d.ts') }, folder)
}

const index =
  "import { R } from './chunk-1.js';\n/** Says so. */\ndeclare function say(what: In): R;\ninterface In { a: string }\nexport { say as tell };\n"
const chunk =
  'interface R { b: Deep }\ntype Deep = 1;\ninterface Unused { c: 1 }\nexport type { R, Unused };\n'

test('a report has what is exported and all that it leads to, without comments, by name', () => {
  expect(reportOn(index, chunk)).toBe(
    'exports of @x/y\n  tell: say\n\ntype Deep = 1;\n\ninterface In {\n    a: string;\n}\n\n' +
      'interface R {\n    b: Deep;\n}\n\nfunction say(what: In): R;\n',
  )
})

test('a type behind an export changes the report; a comment and an order do not', () => {
  const report = reportOn(index, chunk)
  expect(reportOn(index, chunk.replace('= 1;', '= 2;'))).not.toBe(report)
  expect(reportOn(index.replace('Says so', 'Says it'), chunk.split('\n').toReversed().join('\n'))).toBe(
    report,
  )
})

test('a report is the same in whatever order the compiler writes a union of words that it infers', () => {
  const of = (words: string) => reportOn(index, chunk.replace('type Deep = 1;', `type Deep = ${words};`))
  expect(of('"max" | "filter" | "index"')).toBe(of('"index" | "max" | "filter"'))
  expect(of('"max" | "filter"')).not.toBe(of('"max" | "index"'))
})

test('a change file names its packages', () => {
  const files = ['---\n"@x/y": minor\n\'@x/z\': patch\nw: none\n---\n\nv: major\n', 'no head']
  expect([...namedByChanges(files)]).toEqual(['@x/y', '@x/z'])
})

test('what has never been released is named by a change file, and begins with 0.1.0', () => {
  const files = globSync('.changeset/*.md', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  )
  const changed = namedByChanges(files)
  const unreleased = manifests().filter(({ version }) => version === '0.0.0')
  expect(unreleased.filter(({ name }) => !changed.has(name))).toEqual([])
  const first = files.join('\n')
  for (const { name } of unreleased) expect(first).toContain(`"${name}": minor`)
})

test('a changed type wants the report written and a change file that names the package', () => {
  const kept = { released: 'another', body: 'types' }
  expect(problemOfReport(kept, 'types', true)).toBeUndefined()
  expect(problemOfReport(kept, 'types', false)).toMatch(/changed since the release.* change$/)
  expect(problemOfReport(kept, 'other types', true)).toMatch(/not what was built.* run api$/)
  expect(problemOfReport(kept, 'other types', false)).toMatch(/ change; .* run api$/)
})
