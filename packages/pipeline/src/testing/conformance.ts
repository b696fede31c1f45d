import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Conformance,
  type Fail,
  findings,
  pluginConformance,
  type TestApp,
  testApp,
} from '@localapp/core/testing'
import type { PipelineBase } from '../pipeline.ts'
import type { Seen } from '../runs.ts'
import { answerTo, began, goThrough, settled, type TestRunOptions } from './test-run.ts'

/**
 * Holds a pipeline against what every plugin promises, and against what runs promise: with these answers it comes to its
 * end; it waits, and keeps what it has, through a restart at each step; what is done is not begun again; of two answers
 * one counts; every step can be reverted and gone through again; the page shows a run at each step. Its work is done for
 * real, several times.
 *
 * @example
 * ```ts
 * test('runs keep their promises', async () => {
 *   const { failures } = await pipelineConformance(Greeting, { answers: { who: { name: 'Ann' } } })
 *   expect(failures).toEqual([])
 * })
 * ```
 */
export async function pipelineConformance(
  pipeline: new () => PipelineBase,
  { answers = {}, plugins = [] }: TestRunOptions = {},
): Promise<Conformance> {
  const { points, untried } = await pluginConformance(pipeline, { plugins })
  const found = findings(points)
  const data = mkdtempSync(join(tmpdir(), 'localapp-conformance-'))
  const { name } = new pipeline()
  let app: TestApp | undefined
  const open = async () => {
    await app?.close()
    app = await testApp({ plugins: [...plugins, pipeline], data })
    return app
  }
  try {
    let end: Seen | undefined
    await found.attempt('comes to its end', async (fail) => {
      const opened = await open()
      end = await goThrough(opened, name, await began(opened, name), answers)
      if (end.state !== 'done')
        fail(`With these answers it stands at “${end.step}” (${end.state}) ${end.error}`)
    })
    if (end?.state === 'done') {
      await found.attempt('waits through a restart', (fail) => restarts(open, name, answers, fail))
      await found.attempt('begins nothing again that is done', (fail) => againNothing(open, name, fail))
      await found.attempt('takes one of two answers', async (fail) =>
        twice(await open(), name, answers, fail),
      )
      await found.attempt('can be reverted', async (fail) => reverts(await open(), name, answers, fail))
      await found.attempt('shows a run at each step', async (fail) =>
        pages(await open(), name, answers, fail),
      )
    }
  } finally {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  }
  return { points: found.points, failures: found.failures, untried }
}

type Answers = NonNullable<TestRunOptions['answers']>

/** Goes through a run, and lets somebody look wherever it waits. */
async function eachWait(
  app: () => TestApp | Promise<TestApp>,
  name: string,
  answers: Answers,
  look: (seen: Seen) => Promise<void>,
): Promise<Seen> {
  let seen = await began(await app(), name)
  while (seen.state === 'waiting') {
    await look(seen)
    const { [seen.step]: answer = true } = answers
    seen = await goThrough(await app(), name, seen, { [seen.step]: answer })
  }
  return seen
}

async function restarts(
  open: () => Promise<TestApp>,
  name: string,
  answers: Answers,
  fail: Fail,
): Promise<void> {
  let app = await open()
  await eachWait(
    () => app,
    name,
    answers,
    async (before) => {
      app = await open()
      const after = await settled(app, name, before.id)
      if (JSON.stringify(after) !== JSON.stringify(before))
        fail(`A restart at “${before.step}” changed the run.`)
    },
  )
}

async function againNothing(open: () => Promise<TestApp>, name: string, fail: Fail): Promise<void> {
  const tried = (app: TestApp) =>
    app.db
      .selectFrom(`${name.replaceAll('-', '_')}_attempt`)
      .select('id')
      .execute()
  const before = await tried(await open())
  const after = await tried(await open())
  if (after.length !== before.length) fail('A restart began a step again whose run is done.')
}

async function twice(app: TestApp, name: string, answers: Answers, fail: Fail): Promise<void> {
  await eachWait(
    () => app,
    name,
    answers,
    async (seen) => {
      const { id, step } = seen
      const { [step]: answer = true } = answers
      const call = () => app.call(`${name}.answer-${step}`, answerTo(seen, answer))
      const outcomes = await Promise.all([call(), call()])
      const done = outcomes.filter(({ status }) => status === 'done').length
      if (done !== 1) fail(`Of two answers to “${step}” at once, ${done} counted.`)
      await app.call(`${name}.revert`, { run: (await settled(app, name, id)).id, step })
    },
  )
}

async function reverts(app: TestApp, name: string, answers: Answers, fail: Fail): Promise<void> {
  const end = await goThrough(app, name, await began(app, name), answers)
  for (const { id: step } of end.steps) {
    const reverted = await app.call(`${name}.revert`, { run: end.id, step })
    if (reverted.status !== 'done') return fail(`“${step}” could not be reverted.`)
    let seen = await settled(app, name, end.id)
    if (seen.state === 'stopped') {
      await app.call(`${name}.retry`, { run: end.id })
      seen = await settled(app, name, end.id)
    }
    seen = await goThrough(app, name, seen, answers)
    if (seen.state !== 'done')
      fail(`Reverted to “${step}”, it comes no further than “${seen.step}” (${seen.state}).`)
  }
}

async function pages(app: TestApp, name: string, answers: Answers, fail: Fail): Promise<void> {
  const look = async ({ id, step }: Seen) => {
    const { statusCode } = await app.inject({ url: `/${name}/${id}` })
    if (statusCode !== 200) fail(`The page of a run at “${step}” answers ${statusCode}.`)
  }
  await look(await eachWait(() => app, name, answers, look))
}
