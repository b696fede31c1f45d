import { CrudPlugin, t } from '@localapp/crud'

export default class MyPlugin extends CrudPlugin({
  name: 'my-plugin',
  advice: 'What the user wants to keep, with a note and a link each.',
  fields: {
    title: t.text({ max: 200, search: true }),
    link: t.url({ optional: true }),
    note: t.markdown({ search: true }),
    done: t.bool({ filter: true }),
  },
}) {}
