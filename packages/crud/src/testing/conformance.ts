import { isDeepStrictEqual } from 'node:util'
import type { Field, Outcome, Plugin } from '@localapp/core'
import {
  type Conformance,
  type ConformanceOptions,
  type Fail,
  findings,
  hostile,
  pluginConformance,
  sampleOf,
  type TestApp,
  testApp,
} from '@localapp/core/testing'

type Listed = { readonly id: number; readonly version: number } & Readonly<Record<string, unknown>>

/**
 * Holds a CRUD plugin against what every plugin promises, and against what a table promises: it keeps what was typed; a
 * change leaves all else alone; of two changes at once one is refused; what was deleted comes back with its id; search,
 * filters, sorting and pages find each record once; every record has its page.
 *
 * @example
 * ```ts
 * test('the table keeps its promises', async () => {
 *   const { failures } = await crudConformance(Todo)
 *   expect(failures).toEqual([])
 * })
 * ```
 */
export async function crudConformance(
  plugin: new () => Plugin,
  options: ConformanceOptions = {},
): Promise<Conformance> {
  const { points, untried } = await pluginConformance(plugin, options)
  const found = findings(points)
  const tries: Record<string, (trial: Trial, fail: Fail) => Promise<void>> = {
    'keeps what was typed': keeps,
    'changes only what is given': changes,
    'refuses the second of two changes': races,
    'brings back what was deleted': deletes,
    'finds by search, and after an undo': searches,
    filters: filters,
    'sorts, and shows each record once on its pages': sorts,
    'has a page for each record': pages,
  }
  for (const [point, promise] of Object.entries(tries)) {
    const { root, plugins = [] } = options
    const app = await testApp({ plugins: [...plugins, plugin], ...(root !== undefined && { root }) })
    await addReferred(app, new plugin().name)
    await found.attempt(point, async (fail) => await promise(trialOf(app, new plugin().name, options), fail))
    await app.close()
  }
  return { points: found.points, failures: found.failures, untried }
}

/** Samples refer to record 1, so that there has to be one. */
async function addReferred({ actions, call }: TestApp, name: string): Promise<void> {
  for (const { to } of Object.values(actions.get(`${name}.create`)?.input ?? {})) {
    const create = actions.get(`${to}.create`)
    if (create) await call(create.id, sampleOf(create.input, 'Somebody', 1, false))
  }
}

type Trial = ReturnType<typeof trialOf>

function trialOf(app: TestApp, name: string, { input = {} }: ConformanceOptions) {
  const actionOf = (action: string) => {
    const found = app.actions.get(`${name}.${action}`)
    if (found) return found
    throw new Error(`“${name}” has no action “${action}”: is it a CRUD plugin?`)
  }
  const call = (action: string, given: object) => app.call(`${name}.${action}`, given)
  const done = async (action: string, given: object): Promise<Outcome & { readonly output: unknown }> => {
    const outcome = await call(action, given)
    if (outcome.status === 'done') return outcome
    const why = outcome.status === 'failed' ? outcome.error.message : JSON.stringify(outcome)
    throw new Error(`${name}.${action} was refused: ${why}`)
  }
  const { input: fields } = actionOf('create')
  return {
    app,
    name,
    call,
    done,
    fields: Object.entries(fields),
    listFields: actionOf('list').input,
    sample: (text: string) => ({ ...sampleOf(fields, text, 1, true), ...input[`${name}.create`] }),
    create: async (given: object) => (await done('create', given)).output as Listed,
    get: async (id: number) => (await done('get', { id })).output as Listed,
    list: async (query: object) =>
      (await done('list', query)).output as { rows: readonly Listed[]; more: string | null },
    /** Texts that can be searched for. */
    searched: Object.entries(fields).flatMap(([field, { options }]) => (options.search ? field : [])),
  }
}

/** What a field makes of a value: lines end with `\n`, and a time may be written in more than one way. */
function decoded(field: Field, value: unknown): unknown {
  const result = field.decode(value, 'json')
  return result.ok ? result.value : undefined
}

async function keeps({ fields, sample, create, get }: Trial, fail: Fail): Promise<void> {
  for (const text of ['Some text', hostile, 'two\r\nlines']) {
    const given: Readonly<Record<string, unknown>> = sample(text)
    const stored = await get((await create(given)).id)
    for (const [name, field] of fields) {
      const expected = decoded(field, given[name])
      if (!isDeepStrictEqual(stored[name], expected))
        fail(`${name} was given ${JSON.stringify(expected)} and holds ${JSON.stringify(stored[name])}.`)
    }
  }
}

async function changes({ fields, sample, create, get, call }: Trial, fail: Fail): Promise<void> {
  const other: Readonly<Record<string, unknown>> = sample('Other text')
  for (const [name] of fields) {
    const before = await create(sample('Some text'))
    const outcome = await call('update', { id: before.id, [name]: other[name] })
    // What the plugin itself refuses is not ours to judge.
    if (outcome.status === 'invalid') continue
    const after = await get(before.id)
    for (const [each] of fields) {
      if (each !== name && !isDeepStrictEqual(after[each], before[each]))
        fail(`A change of ${name} has changed ${each}.`)
    }
    if (after.version <= before.version) fail(`A change of ${name} has left the version.`)
  }
}

async function races({ fields, sample, create, call }: Trial, fail: Fail): Promise<void> {
  const { id, version } = await create(sample('Some text'))
  const patch = Object.fromEntries(
    Object.entries(sample('Other text')).filter(([key]) => isField(fields, key)),
  )
  const outcomes = await Promise.all([1, 2].map(() => call('update', { ...patch, id, version })))
  const done = outcomes.filter(({ status }) => status === 'done').length
  if (done !== 1) fail(`Of two changes of the same version at once, ${done} were done.`)
}

function isField(fields: Trial['fields'], name: string): boolean {
  return fields.some(([field]) => field === name)
}

async function deletes({ app, sample, create, get, done, call }: Trial, fail: Fail): Promise<void> {
  const before = await create(sample('Some text'))
  const { entry } = (await done('delete', { id: before.id })) as { entry?: number }
  if ((await call('get', { id: before.id })).status === 'done') fail('A record that was deleted is there.')
  const undone = await app.call('journal.undo', { entry })
  if (undone.status !== 'done') return fail('Deleting cannot be undone.')
  const { version: _, updatedAt: __, ...after } = await get(before.id)
  const { version: ___, updatedAt: ____, ...kept } = before
  if (!isDeepStrictEqual(after, kept)) fail('A record that came back is not as it was.')
}

async function searches({ app, searched, sample, create, list, done }: Trial, fail: Fail): Promise<void> {
  const ids = async (q: string) => (await list({ q })).rows.map(({ id }) => id)
  for (const name of searched) {
    const { id } = await create({ ...sample('Some text'), [name]: 'Überaus quinceberry' })
    await create(sample('Some text'))
    if (!isDeepStrictEqual(await ids('uber QUINCE'), [id]))
      fail(`A search does not find ${name} by the beginnings of words.`)
    const { entry } = (await done('update', { id, [name]: 'changed' })) as { entry?: number }
    if ((await ids('quince')).length > 0) fail(`A search finds what ${name} held before.`)
    await app.call('journal.undo', { entry })
    if (!isDeepStrictEqual(await ids('quince'), [id]))
      fail(`A search does not find what an undo gave ${name} again.`)
    await done('delete', { id })
  }
}

async function filters({ fields, listFields, sample, create, list }: Trial, fail: Fail): Promise<void> {
  await create(sample('Some text'))
  for (const [name, field] of fields) {
    if (!field.options.filter || !(name in listFields)) continue
    const [value] = [
      field.schema().enum?.[0] ?? decoded(field, (sample('Some text') as Record<string, unknown>)[name]),
    ]
    const { rows } = await list({ [name]: value })
    if (rows.length === 0)
      fail(`The filter ${name} does not find the record that has ${JSON.stringify(value)}.`)
    const others = rows.filter((row) => !matches(row[name], value))
    if (others.length > 0) fail(`The filter ${name} finds records that have another value.`)
  }
}

function matches(stored: unknown, wanted: unknown): boolean {
  return Array.isArray(stored) && Array.isArray(wanted)
    ? wanted.every((each) => stored.includes(each))
    : isDeepStrictEqual(stored, wanted)
}

async function sorts({ listFields, sample, create, list }: Trial, fail: Fail): Promise<void> {
  const texts = ['b', 'a', 'c', 'a', 'b', 'd', 'c']
  const ids = new Set<number>()
  for (const text of texts) ids.add((await create(sample(text))).id)
  for (const sort of [undefined, ...(listFields.sort?.schema().enum ?? [])]) {
    const found: Listed[] = []
    let after: string | null | undefined
    for (let page = 0; page < texts.length && after !== null; page++) {
      const { rows, more } = await list({
        limit: 3,
        ...(sort !== undefined && sort !== null && { sort }),
        ...(after && { after }),
      })
      found.push(...rows)
      after = more
    }
    const how = sort === undefined ? '' : ` sorted by ${sort}`
    if (found.length !== ids.size || found.some(({ id }) => !ids.has(id)))
      fail(`The pages${how} show ${found.length} records of ${ids.size}.`)
    const name = String(sort ?? '').replace('-', '')
    const values = found.map((row) => row[name] ?? null)
    const isDown = String(sort).startsWith('-')
    const isOrdered = values.every((value, i) => {
      const next = values[i + 1]
      if (i + 1 === values.length || value === null || next === null || next === undefined) return true
      return isDown ? value >= next : value <= next
    })
    if (sort !== undefined && typeof values[0] !== 'string' && !isOrdered)
      fail(`The list is not sorted by ${sort}.`)
  }
}

async function pages({ app, name, sample, create }: Trial, fail: Fail): Promise<void> {
  const { id } = await create(sample(hostile))
  for (const url of [`/${name}`, `/${name}/${id}`]) {
    const { statusCode, body } = await app.inject({ url })
    if (statusCode !== 200) fail(`${url} answers ${statusCode}.`)
    if (body.includes('<i class="hostile">')) fail(`${url} shows what a record holds as HTML.`)
  }
}
