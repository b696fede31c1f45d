import { CrudPlugin, t } from '@localapp/crud'

export default class Books extends CrudPlugin({
  name: 'books',
  advice: 'Look for the author and the tags first, and add those that are not there.',
  fields: {
    title: t.text({ search: true, index: true }),
    author: t.ref('authors', { optional: true, filter: true }),
    status: t.pick(['to read', 'reading', 'read'], { default: 'to read', filter: true }),
    rating: t.integer({ min: 1, max: 5, optional: true, filter: true, index: true }),
    finished: t.date({ optional: true, filter: true, index: true }),
    tags: t.refs('tags', { filter: true }),
    notes: t.markdown({ search: true }),
  },
}) {}
