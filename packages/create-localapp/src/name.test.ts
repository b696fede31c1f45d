import { expect, test } from 'vitest'
import { expectPluginName, namesFrom } from './name.ts'

test.each([
  ['reading', 'reading', 'reading', 'Reading', 'Reading'],
  ['@ann/localapp-reading-list', 'localapp-reading-list', 'reading-list', 'ReadingList', 'Reading list'],
  ['localapp-plugin-2do.v2', 'localapp-plugin-2do.v2', 'do-v2', 'DoV2', 'Do v2'],
  ['crud-plugin', 'crud-plugin', 'crud', 'Crud', 'Crud'],
])(
  '%s names the folder, the plugin, its class and its title',
  (packageName, folder, plugin, className, title) => {
    const names = namesFrom(packageName)
    expect(names).toEqual({ packageName, folder, plugin, className, title })
    expect(() => expectPluginName(names)).not.toThrow()
  },
)

test.each([
  ['My App', 'begin with a letter or a digit. “my-app” would do.'],
  ['', 'use lower-case letters'],
  ['../elsewhere', 'use lower-case letters'],
  ['_private', '“private” would do.'],
  ['a/b', 'use lower-case letters'],
  ['.', 'use lower-case letters'],
  ['node_modules', 'Node uses it'],
  ['fs', 'Node uses it'],
  ['x'.repeat(215), '214 characters'],
])('“%s” is refused, with what would do', (name, why) => {
  expect(() => namesFrom(name)).toThrow(why)
})

test.each(['localapp', 'localapp-journal', 'admin', '123'])('a plugin is not called “%s”', (name) => {
  expect(() => expectPluginName(namesFrom(name))).toThrow('cannot be the name of a plugin')
})
