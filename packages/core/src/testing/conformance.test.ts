import { expect, test } from 'vitest'
import { t } from '../field/t.ts'
import { form, h1, input, p } from '../html/elements.ts'
import { raw } from '../html/html.ts'
import { actionForm } from '../page/form.ts'
import { Plugin, type PluginContext } from '../plugin/plugin.ts'
import { pluginConformance } from './conformance.ts'

/** A plugin that keeps every promise. */
class Good extends Plugin {
  name = 'good-notes'
  setup({ action, app, page, table }: PluginContext): void {
    const notes = table('', { text: t.longText(), at: t.date({ optional: true }) })
    const add = action('add', {
      effect: 'write',
      input: notes.fields,
      run: (input, { table }) => ({ id: table(notes).insert(input).id }),
    })
    action('delete', {
      effect: 'destructive',
      input: { id: t.integer() },
      record: { table: notes, id: ({ id }) => id, label: ({ text }) => String(text) },
      run: ({ id }, { table }) => void table(notes).delete(id),
    })
    action('list', { effect: 'read', run: (_input, { table }) => table(notes).all() })
    page('/', () => [
      h1('Notes'),
      app
        .reader(notes)
        .all()
        .map(({ text }) => p(text)),
      actionForm(add, { id: 'add' }),
    ])
  }
}

test('a plugin that keeps the promises has no failures', async () => {
  const { failures, points, untried } = await pluginConformance(Good)
  expect(failures).toEqual([])
  expect(untried).toEqual([])
  expect(Object.keys(points)).toHaveLength(9)
})

type Setup = (context: PluginContext) => void

const bad = (name: string, setup: Setup): Plugin =>
  new (class extends Plugin {
    name = name
    override setup(context: PluginContext): void {
      setup(context)
    }
  })()

test.each<[string, string, Setup]>([
  [
    'starts: “bad” failed',
    'throws in setup',
    () => {
      throw new Error('No key was given.')
    },
  ],
  [
    'answers 500, and a page leads to it',
    'throws in a page',
    ({ page }) => {
      page('/', () => {
        throw new Error('not today')
      })
    },
  ],
  [
    '/bad/gone answers 404, and a page leads to it',
    'leads nowhere',
    ({ page }) => {
      page('/', () => raw('<h1>Bad</h1><a href="/bad/gone">Gone</a>'))
    },
  ],
  [
    'has a control without a name: who',
    'has an input without a label',
    ({ page }) => {
      page('/', () => [h1('Bad'), form(input({ name: 'who' }))])
    },
  ],
  [
    'has the id “twice” twice',
    'doubles an id',
    ({ page }) => {
      page('/', () => [h1({ id: 'twice' }, 'Bad'), p({ id: 'twice' })])
    },
  ],
  [
    'shows what a record holds as HTML',
    'does not escape',
    ({ action, app, page, table }) => {
      const notes = table('', { text: t.longText() })
      action('add', {
        effect: 'write',
        input: notes.fields,
        run: (row, { table }) => table(notes).insert(row),
      })
      page('/', () =>
        raw(
          `<h1>Bad</h1>${app
            .reader(notes)
            .all()
            .map(({ text }) => text)}`,
        ),
      )
    },
  ],
  [
    'bad.add cannot be undone',
    'writes raw',
    ({ action, table }) => {
      const notes = table('', { text: t.text() })
      action('add', {
        effect: 'write',
        input: notes.fields,
        run: async ({ text }, { tx }) => {
          await tx.insertInto('bad').values({ text, version: 1, createdAt: '', updatedAt: '' }).execute()
        },
      })
    },
  ],
  [
    'Undoing bad.add does not bring back what was there',
    'has an inverse that does nothing',
    ({ action, table }) => {
      const notes = table('', { text: t.text() })
      action('add', {
        effect: 'write',
        input: notes.fields,
        run: (row, { table }) => table(notes).insert(row),
        undo: () => {},
      })
    },
  ],
  [
    'bad.add threw what is no sentence for the user',
    'throws in an action',
    ({ action }) => {
      action('add', {
        effect: 'write',
        run: () => {
          throw new TypeError('x is not a function')
        },
      })
    },
  ],
  [
    'works with JavaScript alone',
    'has a form for htmx alone',
    ({ page }) => {
      page('/', () => [
        h1('Bad'),
        form({ 'hx-post': '/api/bad/add' }, input({ name: 'who', 'aria-label': 'Who' })),
      ])
    },
  ],
])('%s: a plugin that %s', async (sentence, _what, setup) => {
  const { failures } = await pluginConformance(bad('bad', setup))
  expect(failures.join('\n')).toContain(sentence)
})
