import { appendFileSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { type AppHandle, InvalidInput, Plugin, type PluginContext, t } from '@localapp/core'
import { check } from './check.ts'
import { commands } from './commands.ts'
import { commit, takeBack } from './commit.ts'
import { exportPage } from './export.ts'
import { beforeOf, fileOf, folderOf, type Import, imports, stageOf } from './import.ts'
import { importPage, listLinks, overview } from './page.ts'
import { routeFiles } from './routes.ts'
import { sourceOf } from './source.ts'
import { ignored, matched, targetOf } from './target.ts'
import { largest, nameOf, newUpload } from './upload.ts'

/**
 * CSV and JSON Lines in and out of every CRUD plugin of the app, on its page “Import and export”, by actions and by the
 * commands `export` and `import`. A file is read and checked beside the data; one action then brings all of it in, and
 * one Undo takes it back.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', transfer()] })
 * ```
 */
export function transfer(): Plugin {
  return new Transfer()
}

const uploadPattern = /^[0-9a-f-]{36}$/

class Transfer extends Plugin {
  readonly name = 'transfer'
  override readonly title = 'Import and export'
  override readonly commands = commands
  readonly #checks = new Map<number, AbortController>()

  setup(context: PluginContext): void {
    const { app, page, slot, started } = context
    context.table('', imports.fields)
    page('/', (request) => overview(app, request))
    page('/:import', (request) => importPage(app, request))
    slot('list', (request) => listLinks(app, request))
    routeFiles(context)
    this.#outActions(context)
    this.#inActions(context)
    started(() => this.#goOn(app))
  }

  override close(): void {
    for (const controller of this.#checks.values()) controller.abort()
  }

  #outActions({ app, action }: PluginContext) {
    const formats = ['csv', 'jsonl'] as const
    action('export', {
      effect: 'read',
      description:
        'Records of a CRUD plugin as lines of CSV or JSON; “more” is what to give as “after” for the next.',
      input: {
        plugin: t.text({ help: 'The name of the plugin.' }),
        format: t.pick(formats, { default: 'csv' }),
        q: t.text({ optional: true, help: 'Only records that hold this text.' }),
        after: t.text({ optional: true }),
      },
      run: ({ plugin, format, q, after }) =>
        exportPage(app, plugin, format, { ...(q !== null && { q }), ...(after !== null && { after }) }),
    })
    action('get', {
      effect: 'read',
      description: 'How far an import is, and what is bad in its file.',
      input: { import: t.integer() },
      run: ({ import: id }, { table }) => table(imports).get(id),
    })
  }

  #inActions({ app, action }: PluginContext) {
    const pending = new Set<string>()
    const changed = (plugin: string) => pending.add(targetOf(app, plugin).table.name)
    const input = { import: t.integer({ help: 'The number of the import.' }) }
    action('receive', {
      effect: 'read', // to the journal, which tells of the file by itself
      userOnly: true,
      description: 'Takes a piece of a file in.',
      input: { upload: t.text({ optional: true }), bytes: t.longText({ max: 1_000_000 }) },
      run: ({ upload, bytes }) => {
        const name = upload ?? newUpload(app)
        const file = fileNamed(app, name, upload !== null)
        if (existsSync(file) && statSync(file).size + bytes.length > largest)
          throw new InvalidInput({ bytes: 'The file is too large.' })
        appendFileSync(file, Buffer.from(bytes, 'base64'), { mode: 0o600 })
        return { upload: name }
      },
    })
    action('open', {
      effect: 'external',
      userOnly: true,
      description: 'Reads a file that was taken in, and imports nothing yet.',
      input: { plugin: t.text(), upload: t.text(), name: t.text(), by: t.text({ optional: true }) },
      summary: (_input, output) => `Opened ${(output as Pick<Import, 'name'>).name} to import it`,
      run: async ({ plugin, upload, name, by }, context) => {
        const target = targetOf(app, plugin)
        const file = fileNamed(app, upload, true)
        const source = await sourceOf(file)
        const columns = matched(source.columns, target.create.input)
        if (source.columns.length > 1_000 || columns.every((each) => each === ignored)) {
          const fields = Object.keys(target.create.input).join(', ')
          throw new InvalidInput({
            upload: `No column of this file is a field of ${target.title}: ${fields}.`,
          })
        }
        expectColumn(columns, by)
        const made = {
          plugin,
          upload,
          name: nameOf(name),
          size: statSync(file).size,
          source: JSON.stringify(source),
          columns,
          by,
          state: 'checking',
        } as const
        return await context.commit(({ table }) => {
          const { id } = table(imports).insert(made)
          pending.add(`check ${id}`)
          return { id, name: made.name }
        })
      },
    })
    action('match', {
      effect: 'read', // to the journal: nothing of the user's own changes
      title: 'Check again',
      description:
        'Says which field each column of a file is for, “-” for none, and by which one records are matched.',
      input: { ...input, columns: t.list(t.text()), by: t.text({ optional: true }) },
      run: async ({ import: id, columns, by }, { table }) => {
        const record = table(imports).get(id)
        const { create } = targetOf(app, record.plugin)
        if (record.state === 'done') throw new InvalidInput({ import: 'This was imported already.' })
        if (columns.length !== record.columns.length)
          throw new InvalidInput({ columns: `The file has ${record.columns.length} columns.` })
        for (const [index, name] of columns.entries()) {
          if (name === ignored) continue
          if (name !== 'id' && !Object.hasOwn(create.input, name))
            throw new InvalidInput({ columns: `There is no field “${name}”.` })
          if (columns.indexOf(name) !== index)
            throw new InvalidInput({ columns: `Two columns are for “${name}”.` })
        }
        expectColumn(columns, by)
        this.#checks.get(id)?.abort()
        await app.write('transfer-match', ({ table }) => {
          table(imports).update(id, { columns, by, state: 'checking', message: null, problems: [] })
        })
        app.announce([imports.name])
        this.#begin(app, id)
      },
    })
    action('commit', {
      effect: 'write',
      limit: 60_000,
      title: 'Import',
      description: 'Brings in the good rows of a file that was checked, all of them or none.',
      input,
      summary: (_input, output) => {
        const { fresh, changing, plugin, name } = output as Import
        return `Imported ${name} into ${plugin}: ${fresh} added, ${changing} changed`
      },
      run: async ({ import: id }, context) => {
        const record = context.table(imports).get(id)
        if (record.state !== 'ready')
          throw new InvalidInput({ import: 'This file is not ready, or was imported already.' })
        if (record.fresh + record.changing === 0)
          throw new InvalidInput({ import: 'The file has no good row.' })
        const { problems: _, source: __, ...done } = await commit(app, record, context)
        changed(record.plugin)
        return done
      },
      undo: async ({ input: { import: id } }, context) => {
        const record = context.table(imports).get(id)
        await takeBack(app, record, context)
        changed(record.plugin)
      },
    })
    action('discard', {
      effect: 'destructive',
      title: 'Throw the file away',
      description: 'Forgets a file that was brought in. Records that were imported stay.',
      input,
      record: { table: imports, id: ({ import: id }) => id, label: ({ name }) => String(name) },
      to: () => '/transfer',
      summary: () => 'Threw a file away',
      run: async ({ import: id }, { tx, table }) => {
        const record = table(imports).get(id)
        if (record.state === 'done')
          throw new InvalidInput({ import: 'Undo needs what is kept of this import.' })
        this.#checks.get(id)?.abort()
        for (const name of [stageOf(record), beforeOf(record)])
          await tx.schema.dropTable(name).ifExists().execute()
        rmSync(fileOf(app, record), { force: true })
        table(imports).delete(id)
      },
    })
    // After the commit: what is announced, or begun, earlier would see the data as it was.
    this.#afterCommit(app, pending)
  }

  #afterCommit(app: AppHandle, pending: Set<string>) {
    const { onChanged } = app
    onChanged(() => {
      const all = [...pending]
      pending.clear()
      const tables = all.filter((each) => !each.startsWith('check '))
      if (tables.length > 0) app.announce(tables)
      for (const each of all)
        if (!tables.includes(each)) this.#begin(app, Number(each.slice('check '.length)))
    })
  }

  /** Reads a file in the background. The last word on how to read it counts. */
  #begin(app: AppHandle, id: number) {
    if (app.reader(imports).find(id)?.state !== 'checking') return
    this.#checks.get(id)?.abort()
    const controller = new AbortController()
    this.#checks.set(id, controller)
    const work = async () => {
      try {
        await check(app, id, controller.signal)
      } catch (thrown) {
        if (controller.signal.aborted) return
        const message = thrown instanceof Error ? thrown.message.slice(0, 1_000) : 'This file cannot be read.'
        await app.write('transfer-failed', ({ table }) => {
          if (table(imports).find(id)) table(imports).update(id, { state: 'failed', message })
        })
      } finally {
        if (this.#checks.get(id) === controller) this.#checks.delete(id)
        if (!controller.signal.aborted) app.announce([imports.name])
      }
    }
    void work()
  }

  /** A process that died may have left a file half read, or one that nobody knows of. */
  #goOn(app: AppHandle) {
    const all = app.reader(imports).all()
    for (const { id, state } of all) if (state === 'checking') this.#begin(app, id)
    const known = new Set(all.map(({ upload }) => upload))
    if (!existsSync(folderOf(app))) return
    for (const upload of readdirSync(folderOf(app)))
      if (!known.has(upload)) rmSync(fileOf(app, { upload }), { force: true })
  }
}

function fileNamed(app: AppHandle, upload: string, isThere: boolean): string {
  const file = fileOf(app, { upload })
  if (!uploadPattern.test(upload) || existsSync(file) !== isThere)
    throw new InvalidInput({ upload: 'There is no such file.' })
  return file
}

function expectColumn(columns: readonly string[], by: string | null) {
  if (by !== null && (by === ignored || !columns.includes(by)))
    throw new InvalidInput({ by: `No column of the file is for “${by}”.` })
}
