import { link } from '@localapp/core'

/** What pages with cards begin with. */
export const style = link({ rel: 'stylesheet', href: '/admin/style.css' })
