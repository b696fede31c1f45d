import { type AppHandle, localappError, type WriteContext } from '@localapp/core'
import { beforeOf, type Import, imports, stageOf } from './import.ts'
import { ignored, targetOf } from './target.ts'

/** Moves what is staged into the plugin's table, all of it or nothing. */
export async function commit(
  app: AppHandle,
  record: Import,
  { tx, table: records }: Pick<WriteContext, 'tx' | 'table'>,
): Promise<Import> {
  const { id, by, columns, fresh, changing, newest } = record
  const { table } = targetOf(app, record.plugin)
  const [name, stage, before] = [table.name, stageOf(record), beforeOf(record)]
  const now = new Date().toISOString()
  const names = Object.keys(table.fields)
  const count = tx.selectFrom(name).select(({ fn }) => fn.countAll().as('count'))
  if (by !== null) {
    const same = count.innerJoin(stage, (join) =>
      join.onRef(`${stage}._target`, '=', `${name}.id`).onRef(`${stage}._version`, '=', `${name}.version`),
    )
    const newer = count.where('id', '>', newest)
    if (numberIn(await same.execute()) !== changing || numberIn(await newer.execute()) > 0) {
      const what = 'Records were added or changed since the file was checked.'
      throw localappError('LOCALAPP_CONFLICT', what, 'Check the file again.')
    }
  }
  if (changing > 0) {
    const ids = tx.selectFrom(stage).select('_target').where('_target', 'is not', null)
    await tx.schema
      .createTable(before)
      .as(
        tx
          .selectFrom(name)
          .selectAll()
          .where('id', 'in', ids as never),
      )
      .execute()
    const mapped = columns.filter((each) => each !== ignored && each !== 'id')
    await tx
      .updateTable(name)
      .from(stage)
      .set((of) => ({
        ...Object.fromEntries(mapped.map((each) => [each, of.ref(`${stage}.${each}`)])),
        version: of(`${name}.version`, '+', 1),
        updatedAt: now,
      }))
      .whereRef(`${name}.id`, '=', `${stage}._target`)
      .execute()
  }
  let last: number | null = null
  if (fresh > 0) {
    const rows = tx
      .selectFrom(stage)
      .select((of) => [
        of.val(1).as('version'),
        of.val(now).as('createdAt'),
        of.val(now).as('updatedAt'),
        ...names.map((each) => of.ref(each).as(each)),
      ])
      .where('_target', 'is', null)
      .orderBy('_row')
    await tx
      .insertInto(name)
      .columns(['version', 'createdAt', 'updatedAt', ...names])
      .expression(rows)
      .execute()
    const [found] = await tx
      .selectFrom(name)
      .select(({ fn }) => fn.max('id').as('count'))
      .execute()
    last = numberIn([found])
  }
  await tx.schema.dropTable(stage).execute()
  return records(imports).update(id, { state: 'done', first: last && last - fresh + 1, last })
}

/** Takes an import back, or says that what it brought has changed since. */
export async function takeBack(
  app: AppHandle,
  record: Import,
  { tx, table: records }: Pick<WriteContext, 'tx' | 'table'>,
): Promise<void> {
  const { id, first, last, fresh, changing } = record
  const { table } = targetOf(app, record.plugin)
  const [name, before] = [table.name, beforeOf(record)]
  const count = tx.selectFrom(name).select(({ fn }) => fn.countAll().as('count'))
  const added = count.where('id', '>=', first).where('id', '<=', last).where('version', '=', 1)
  const changed = count
    .innerJoin(before, `${before}.id`, `${name}.id`)
    .where((of) => of(`${name}.version`, '=', of(`${before}.version`, '+', 1)))
  if (
    (fresh > 0 && numberIn(await added.execute()) !== fresh) ||
    (changing > 0 && numberIn(await changed.execute()) !== changing)
  ) {
    const what = 'Records of this import have changed since, so it cannot be taken back.'
    throw localappError('LOCALAPP_CHANGED_SINCE', what, 'Look at them and change them by hand.')
  }
  if (fresh > 0) await tx.deleteFrom(name).where('id', '>=', first).where('id', '<=', last).execute()
  if (changing > 0) {
    await tx
      .updateTable(name)
      .from(before)
      .set((of) => ({
        ...Object.fromEntries(Object.keys(table.fields).map((each) => [each, of.ref(`${before}.${each}`)])),
        version: of(`${name}.version`, '+', 1),
        updatedAt: new Date().toISOString(),
      }))
      .whereRef(`${name}.id`, '=', `${before}.id`)
      .execute()
    await tx.schema.dropTable(before).execute()
  }
  records(imports).update(id, { state: 'undone' })
}

function numberIn(rows: readonly unknown[]): number {
  return Number((rows[0] as { count?: unknown } | undefined)?.count ?? 0)
}
