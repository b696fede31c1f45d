import { CrudPlugin, t } from '@localapp/crud'

export default class Todo extends CrudPlugin({
  name: 'todo',
  fields: {
    title: t.text({ max: 200, search: true }),
    notes: t.markdown({ search: true }),
    done: t.bool({ filter: true }),
    due: t.date({ optional: true, index: true }),
    priority: t.pick(['low', 'normal', 'high'], { default: 'normal' }),
    tags: t.tags(),
  },
  order: 'manual',
  check: (todo) =>
    todo.done && todo.priority === 'high' && !todo.notes ? { notes: 'Say how it ended.' } : undefined,
}) {}
