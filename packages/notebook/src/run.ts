import { type AppHandle, localappError } from '@localapp/core'

/** A step of a run, as its pipeline's action `show` tells of it. */
export interface ShownStep {
  readonly id: string
  readonly title: string
  readonly state: string
  readonly output?: unknown
}

/** A run of a pipeline. */
export interface ShownRun {
  readonly id: number
  readonly state: string
  readonly createdAt: string
  readonly error: string
  readonly steps: readonly ShownStep[]
  /** The name of the pipeline. */
  readonly pipeline: string
  readonly title: string
}

const actor = { kind: 'plugin', name: 'notebook' } as const

/** Reads a run by its pipeline's own action. Throws `LOCALAPP_NOT_FOUND` where there is no such pipeline or run. */
export async function runOf(
  { actions, plugins }: AppHandle,
  pipeline: string,
  id: number,
): Promise<ShownRun> {
  const plugin = plugins().find(({ name }) => name === pipeline)
  if (!plugin || !isPipeline(actions, pipeline))
    throw localappError('LOCALAPP_NOT_FOUND', `There is no pipeline “${pipeline}”.`, 'Look into the menu.')
  const outcome = await actions.call(`${pipeline}.show`, { run: id }, { actor })
  if (outcome.status === 'failed') throw outcome.error
  if (outcome.status !== 'done')
    throw localappError('LOCALAPP_NOT_FOUND', `There is no run “${id}”.`, 'Look into the list of runs.')
  const run = outcome.output as Omit<ShownRun, 'pipeline' | 'title'>
  return { ...run, pipeline, title: `${plugin.title} ${id}` }
}

/** The ids of the newest runs of a pipeline. */
export async function runsOf({ actions }: AppHandle, pipeline: string): Promise<number[]> {
  const outcome = isPipeline(actions, pipeline) && (await actions.call(`${pipeline}.list`, {}, { actor }))
  return outcome && outcome.status === 'done' ? (outcome.output as ShownRun[]).map(({ id }) => id) : []
}

function isPipeline(actions: AppHandle['actions'], name: string) {
  return ['start', 'show', 'list', 'revert'].every((each) => actions.get(`${name}.${each}`))
}

/** Rows with one set of names, which read best as a table; undefined for all else. */
export function tableIn(
  value: unknown,
): { readonly names: string[]; readonly rows: unknown[][] } | undefined {
  const rows = Array.isArray(value)
    ? value
    : Object.values(Object(value)).length === 1
      ? Object.values(Object(value))[0]
      : []
  if (!Array.isArray(rows) || rows.length === 0) return undefined
  const [first] = rows
  // Rows without names, such as pairs.
  if (Array.isArray(first) && rows.every((row) => Array.isArray(row) && row.length === first.length))
    return { names: first.map((_, i) => String(i + 1)), rows }
  if (!rows.every(isRecord)) return undefined
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { names, rows: rows.map((row) => names.map((name) => row[name])) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a person reads it: text as it is, the rest as JSON. */
export function textOf(value: unknown, space?: number): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, space) ?? '')
}
