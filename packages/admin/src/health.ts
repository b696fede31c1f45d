import { type AppHandle, type Content, h1, li, p, ul } from '@localapp/core'

export function healthPage(app: AppHandle): Content {
  const failed = app.plugins().filter(({ error }) => error)
  return [
    h1('Health'),
    failed.length === 0 && p('All is well.'),
    ul(failed.map(({ name, error }) => li(`“${name}”: ${error?.message} ${error?.fix}`))),
  ]
}
