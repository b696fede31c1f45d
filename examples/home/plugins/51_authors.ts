import { CrudPlugin, t } from '@localapp/crud'

export default class Authors extends CrudPlugin({
  name: 'authors',
  fields: {
    name: t.text({ search: true }),
    born: t.integer({ label: 'Year of birth', optional: true, index: true }),
    home: t.url({ optional: true }),
  },
  order: 'name',
}) {}
