import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { CrudPlugin, t } from '@localapp/crud'
import { assistant } from '@localapp/llm'

class Todo extends CrudPlugin({
  name: 'todo',
  fields: {
    title: t.text({ max: 200, search: true }),
    done: t.bool({ filter: true }),
    due: t.date({ optional: true, index: true }),
  },
  order: 'manual',
}) {}

const app = await fastApp({ title: 'My title', plugins: [Todo, admin(), assistant()] })
await app.run()
