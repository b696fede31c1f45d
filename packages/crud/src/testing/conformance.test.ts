import { t } from '@localapp/core'
import { expect, test } from 'vitest'
import { CrudPlugin } from '../index.ts'
import { crudConformance } from './index.ts'

class Book extends CrudPlugin({
  name: 'my-books',
  fields: {
    title: t.text({ search: true, index: true }),
    notes: t.markdown({ search: true }),
    read: t.bool({ filter: true }),
    due: t.date({ optional: true, index: true, filter: true }),
    pages: t.integer({ optional: true, index: true }),
    shelf: t.pick(['a', 'b'], { default: 'a', filter: true }),
    tags: t.tags({ filter: true }),
    at: t.datetime({ optional: true }),
  },
}) {}

class Todo extends CrudPlugin({
  name: 'todo',
  fields: { title: t.text({ max: 20 }), done: t.bool() },
  order: 'manual',
}) {}

test.each([Book, Todo])('a table that keeps the promises has no failures: %#', async (plugin) => {
  const { failures, points, untried } = await crudConformance(plugin)
  expect(failures).toEqual([])
  expect(untried).toEqual([])
  expect(Object.keys(points)).toHaveLength(17)
})

test('what does not hold is said by point', async () => {
  /** Changes more than it should, and lists nothing. */
  class Forgetful extends Todo {
    override setup(context: Parameters<InstanceType<typeof Todo>['setup']>[0]): void {
      super.setup({
        ...context,
        action: (name, declaration) =>
          context.action(name, {
            ...declaration,
            run: (input, given) => {
              if (name === 'update') return declaration.run({ ...input, title: 'lost' }, given)
              if (name === 'list') return { rows: [], more: null } as never
              return declaration.run(input, given)
            },
          }),
      })
    }
  }
  const { failures } = await crudConformance(Forgetful)
  expect(failures).toEqual(
    expect.arrayContaining([
      'changes only what is given: A change of done has changed title.',
      'sorts, and shows each record once on its pages: The pages show 0 records of 7.',
    ]),
  )
})

test('a plugin that is no table is said', async () => {
  const { failures } = await crudConformance(
    class extends Todo {
      override setup(): void {}
    },
  )
  expect(failures).toContain(
    'keeps what was typed: It ended in an error: “todo” has no action “create”: is it a CRUD plugin?',
  )
})
