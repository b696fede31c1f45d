import { setImmediate } from 'node:timers/promises'
import {
  type Action,
  type AppHandle,
  type Fields,
  labelOf,
  localappError,
  type ReadContext,
  type Row,
} from '@localapp/core'
import { generateKeyBetween } from 'fractional-indexing'
import { fileOf, type Import, imports, sourceIn, stageOf } from './import.ts'
import { rowsOf, type SourceRow } from './source.ts'
import { ignored, type Target, targetOf } from './target.ts'
import { fromCell } from './value.ts'

/** For how many milliseconds rows are read, and then written, before others get their turn. */
const slice = 9
const shownProblems = 100

type RawRow = Record<string, string | number | null>

/** Reads a whole file beside the data: what is good is staged, what is bad is told with its line. */
export async function check(app: AppHandle, id: number, signal: AbortSignal): Promise<void> {
  const started = app.reader(imports).get(id)
  const target = targetOf(app, started.plugin)
  const stage = stageOf(started)
  const reading = await readingOf(app, target, started, signal)
  await app.write('transfer-begin', async ({ db }) => {
    signal.throwIfAborted()
    await db.schema.dropTable(stage).ifExists().execute()
    let table = db.schema.createTable(stage).addColumn('_row', 'integer', (column) => column.primaryKey())
    for (const name of ['_target', '_version']) table = table.addColumn(name, 'integer')
    // Without a type, so that each value stays what it is.
    for (const name of Object.keys(target.table.fields)) table = table.addColumn(name, 'blob')
    await table.execute()
  })
  const counts = { position: 0, read: 0, fresh: 0, changing: 0, bad: 0, newest: reading.newest }
  const problems: string[] = []
  let batch: RawRow[] = []
  let since = performance.now()
  let told = 0
  const flush = async () => {
    const rows = batch
    batch = []
    await app.write('transfer-stage', async ({ db, table }) => {
      signal.throwIfAborted()
      for (let at = 0; at < rows.length; at += 50)
        await db
          .insertInto(stage)
          .values(rows.slice(at, at + 50))
          .execute()
      table(imports).update(id, { ...counts, problems })
    })
    if (performance.now() - told > 300) {
      told = performance.now()
      app.announce([imports.name])
    }
    await setImmediate()
    since = performance.now()
  }
  for await (const row of rowsOf(fileOf(app, started), sourceIn(started), (bytes) => {
    counts.position += bytes
  })) {
    signal.throwIfAborted()
    counts.read++
    const staged = reading.read(row)
    if (typeof staged === 'string') {
      counts.bad++
      if (problems.length < shownProblems) problems.push(`Line ${row.line}: ${staged}`.slice(0, 1_000))
    } else {
      counts[staged._target === null ? 'fresh' : 'changing']++
      batch.push({ _row: counts.read, ...staged })
    }
    if (performance.now() - since > slice || batch.length >= 500) await flush()
  }
  await flush()
  await app.write('transfer-ready', ({ table }) => {
    signal.throwIfAborted()
    table(imports).update(id, { state: 'ready' })
  })
}

type Read = (row: SourceRow) => RawRow | string

async function readingOf(
  app: AppHandle,
  { table, create, update }: Target,
  record: Import,
  signal: AbortSignal,
): Promise<{ read: Read; newest: number }> {
  const { columns, by } = record
  const { format } = sourceIn(record)
  const records = app.reader(table)
  const fields = create.input
  const context: ReadContext = {
    db: app.db,
    actor: { kind: 'user' },
    turn: '',
    signal,
    table: (each) => app.reader(each),
    call: async () => {
      throw localappError('LOCALAPP_DECLARATION', 'A check called an action.', 'Look at the values alone.')
    },
  }
  const known = await keysOf(app, table.name, by, signal)
  const seen = new Map<unknown, number>()
  const [lastRanked] =
    table.fields.rank && !fields.rank ? records.all({ order: ['rank', 'desc'], limit: 1 }) : []
  let rank = lastRanked ? String(lastRanked.rank) : null
  const isRanked = table.fields.rank !== undefined && fields.rank === undefined

  const read: Read = ({ line, values, problem }) => {
    if (problem) return problem
    const given: Record<string, unknown> = {}
    const wrong: string[] = []
    let key: unknown
    for (const [index, name] of columns.entries()) {
      const raw = values[index]
      if (name === 'id') {
        if (by === 'id') key = /^\d{1,15}$/.test(String(raw ?? '').trim()) ? Number(raw) : null
        continue
      }
      const field = fields[name]
      if (name === ignored || !field || raw === undefined) continue
      const label = labelOf(name, field)
      const decoded =
        format === 'csv' ? fromCell(field, String(raw), label) : field.decode(raw, 'json', label)
      if (decoded.ok) given[name] = decoded.value
      else wrong.push(decoded.message)
      if (name === by && decoded.ok) key = field.toColumn(decoded.value)
    }
    if (wrong.length > 0) return wrong.join(' ')
    let target: number | undefined
    if (by !== null) {
      if (key === null || key === undefined || key === '')
        return `“${by}” is empty, and records are matched by it.`
      const before = seen.get(key)
      if (before !== undefined) return `Line ${before} has the same “${by}”.`
      seen.set(key, line)
      target = known.get(key)
      if (target === 0) return `Several records have this “${by}”.`
      if (by === 'id' && target === undefined) return `There is no record ${key}.`
    }
    if (target !== undefined) {
      const stored = records.find(target)
      if (!stored) return `Record ${target} was deleted meanwhile.`
      const messages = update.check?.({ id: target, ...given } as Row<Fields>, context)
      if (messages) return Object.values(messages).join(' ')
      return {
        _target: target,
        _version: stored.version,
        ...columnsOf(table.fields, { ...stored, ...given }),
      }
    }
    for (const [name, field] of Object.entries(fields)) {
      if (name in given) continue
      if (field.requirement === 'required') return `${labelOf(name, field)} is required.`
      given[name] = field.options.default ?? null
    }
    const messages = create.check?.(given as Row<Fields>, context)
    if (messages) return Object.values(messages).join(' ')
    if (isRanked) {
      rank = generateKeyBetween(rank, null)
      given.rank = rank
    }
    return { _target: null, _version: null, ...columnsOf(table.fields, given) }
  }
  return { read, newest: records.all({ order: ['id', 'desc'], limit: 1 })[0]?.id ?? 0 }
}

function columnsOf(fields: Action['input'], values: Readonly<Record<string, unknown>>): RawRow {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.toColumn(values[name] ?? null)]),
  )
}

/** The record of each value of a column; 0 where several have it. Read in pages, so that others get their turn. */
async function keysOf(
  app: AppHandle,
  table: string,
  by: string | null,
  signal: AbortSignal,
): Promise<ReadonlyMap<unknown, number>> {
  const keys = new Map<unknown, number>()
  if (by === null) return keys
  for (let after = 0; ; ) {
    signal.throwIfAborted()
    const rows = await app.db
      .selectFrom(table)
      .select(by === 'id' ? ['id'] : ['id', by])
      .where('id', '>', after)
      .orderBy('id')
      .limit(2_000)
      .execute()
    for (const row of rows) keys.set(row[by], keys.has(row[by]) ? 0 : Number(row.id))
    const last = rows.at(-1)
    if (!last) return keys
    after = Number(last.id)
    await setImmediate()
  }
}
