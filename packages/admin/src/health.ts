import { statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  type AppHandle,
  asLocalappError,
  type Content,
  div,
  h1,
  h2,
  type PageRequest,
  type PluginContext,
  p,
  section,
  span,
} from '@localapp/core'
import { backupList, backupsOf, inBytes } from './backup.ts'
import { style } from './page.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly says: string
  /** What to do about it. */
  readonly fix?: string
}

/** What a model adapter tells of itself, as `@localapp/llm` has it. */
interface Model {
  info(signal: AbortSignal): Promise<{ model: string }>
}

/** It is well where there is nothing to do. */
function looked(name: string, says: string, fix?: string) {
  return { name, ok: fix === undefined, says, ...(fix !== undefined && { fix }) }
}

/** Less is little room for a database that grows and is backed up: 500 MB. */
const littleRoom = 500_000_000

/** Looks at all that an app needs. `isThorough` also reads the whole database, which may take seconds. */
export async function examine({ app, service }: PluginContext, isThorough: boolean): Promise<Check[]> {
  const model = service<Model>('model')
  return [
    looked('Node', process.version),
    await diskCheck(app),
    ...(isThorough ? [await dataCheck(app)] : []),
    backupCheck(app),
    ...pluginChecks(app),
    ...(model ? [await modelCheck(model)] : []),
  ]
}

async function diskCheck({ dataFolder }: AppHandle) {
  const { bavail, bsize } = await statfs(dirname(dataFolder))
  const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return roomCheck(sizeOf(`${dataFolder}.db`) + sizeOf(`${dataFolder}.db-wal`), bavail * bsize)
}

/** Both in bytes. */
export function roomCheck(used: number, free: number): Check {
  const says = `The data takes ${inBytes(used)}; ${inBytes(free)} are free on its disk.`
  return looked('Disk', says, free < littleRoom ? 'Make room. Old backups may go.' : undefined)
}

async function dataCheck({ db }: AppHandle) {
  const found = await db.selectFrom('pragma_quick_check').selectAll().execute()
  const says = found.map(({ quick_check: line }) => line).join('; ')
  if (says === 'ok') return looked('Data', 'SQLite finds nothing wrong with the file.')
  return looked('Data', says, 'Go back to a backup.')
}

function backupCheck(app: AppHandle) {
  const [newest] = backupsOf(app)
  return looked('Backup', newest ? `The newest is of ${newest.time.toISOString()}.` : 'There is none yet.')
}

function pluginChecks(app: AppHandle) {
  const failed = app
    .plugins()
    .flatMap(({ name, error }) => (error ? looked(`Plugin “${name}”`, error.message, error.fix) : []))
  return failed.length > 0 ? failed : [looked('Plugins', `All ${app.plugins().length} run.`)]
}

async function modelCheck(model: Model) {
  try {
    const { model: name } = await model.info(AbortSignal.timeout(2000))
    return looked('Model', name)
  } catch (thrown) {
    const otherwise = 'The assistant’s panel says what to do.'
    const { message, fix } = asLocalappError(thrown, 'LOCALAPP_PLUGIN', 'It cannot be reached', otherwise)
    return looked('Model', message, fix)
  }
}

/** What was looked at, and the backups; looked at again when one is made. */
export async function healthPage(context: PluginContext, { region }: PageRequest): Promise<Content> {
  return [
    style,
    h1('Health'),
    await region('health', ['admin'], async () => {
      const checks = await examine(context, false)
      const bad = checks.filter(({ ok }) => !ok).length
      return [
        p(bad === 0 ? 'All is well.' : `${bad} of ${checks.length} need you.`),
        div({ class: 'cards' }, checks.map(checkCard)),
        backupList(context.app),
      ]
    }),
  ]
}

function checkCard({ name, ok, says, fix }: Check) {
  return section(
    { class: 'card' },
    h2(name, !ok && [' ', span({ class: 'tag' }, 'Look here')]),
    p({ class: !ok && 'error' }, says),
    fix !== undefined && p(fix),
  )
}
