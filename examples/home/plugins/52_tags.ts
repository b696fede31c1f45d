import { CrudPlugin, t } from '@localapp/crud'

export default class Tags extends CrudPlugin({
  name: 'tags',
  fields: { name: t.text({ max: 40, search: true }) },
  order: 'name',
}) {}
