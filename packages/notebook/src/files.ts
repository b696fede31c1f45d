import { readdirSync, realpathSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { type AppHandle, localappError } from '@localapp/core'

/** A file that a run has written into its folder. */
export interface RunFile {
  /** Below the folder of the run, with `/` between its parts. */
  readonly name: string
  readonly path: string
  readonly bytes: number
}

/** No more are listed: a page and a report should stay readable. */
const most = 200

/** The types that a browser may show by itself; what else there is, it saves. */
const images: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
}

const texts = ['.txt', '.md', '.csv', '.json', '.jsonl', '.log', '.tsv', '.yaml', '.yml']

/** What a file is by its name: an image, text, or anything. */
export function typeOf(name: string): string {
  const extension = extname(name).toLowerCase()
  return (
    images[extension] ??
    (texts.includes(extension) ? 'text/plain; charset=utf-8' : 'application/octet-stream')
  )
}

/** The files in the folder of a run, in the order of their names. */
export function filesOf({ dataFolder }: AppHandle, pipeline: string, run: number): RunFile[] {
  const folder = join(dataFolder, pipeline, String(run))
  const entries = statSync(folder, { throwIfNoEntry: false })
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
    : []
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { name: relative(folder, path).split(sep).join('/'), path, bytes: statSync(path).size }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, most)
}

/** Finds one of them. Throws `LOCALAPP_NOT_FOUND` for what is no file in that folder, wherever a link in it leads. */
export function fileOf(app: AppHandle, pipeline: string, run: number, name: string): RunFile {
  const file = filesOf(app, pipeline, run).find((each) => each.name === name)
  const folder = join(app.dataFolder, pipeline, String(run))
  if (file && realpathSync(file.path).startsWith(realpathSync(folder) + sep)) return file
  throw localappError(
    'LOCALAPP_NOT_FOUND',
    `Run ${run} has no file “${name}”.`,
    'Look at the page of the run.',
  )
}
