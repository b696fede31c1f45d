import { InvalidInput, type Outcome } from '@localapp/core'
import { type TestApp, type TestAppOptions, testApp } from '@localapp/core/testing'
import type { PipelineBase } from '../pipeline.ts'
import type { Seen } from '../runs.ts'

/** What {@link testRun} answers with. */
export interface TestRunOptions {
  /** What each step that waits for a person is given, by its id: an object for a form, `true` for an approval or a form as it stands. */
  readonly answers?: Readonly<Record<string, object | true>>
  /** Other plugins that it needs, such as one that has a model. */
  readonly plugins?: TestAppOptions['plugins']
}

/** How far a run came. */
export interface TestRun {
  /** `done`; `waiting` at the first step without an answer; or `failed`. */
  readonly state: Seen['state']
  /** The step at which it stands. */
  readonly step: string
  /** Why it failed. */
  readonly error: string
  /** What each step that is done gave, by its id, as the store has it. */
  readonly outputs: Readonly<Record<string, unknown>>
}

/**
 * Goes through a pipeline once, on a real server with a data folder of its own, and answers where it asks. What its steps do
 * outside, they do. Throws `LOCALAPP_INVALID` for an answer that is refused.
 *
 * @example
 * ```ts
 * const { state, outputs } = await testRun(Greeting, { answers: { who: { name: 'Ann' } } })
 * expect([state, outputs.words]).toEqual(['done', 'Hello, Ann'])
 * ```
 */
export async function testRun(
  pipeline: new () => PipelineBase,
  { answers = {}, plugins = [] }: TestRunOptions = {},
): Promise<TestRun> {
  const app = await testApp({ plugins: [...plugins, pipeline] })
  try {
    return told(await goThrough(app, new pipeline().name, await began(app, new pipeline().name), answers))
  } finally {
    await app.close()
  }
}

function told({ state, step, error, steps }: Seen): TestRun {
  const done = steps.filter((each) => each.state === 'done').map(({ id, output }) => [id, output] as const)
  return { state, step, error, outputs: Object.fromEntries(done) }
}

/** Starts a run and waits until it does not work. */
export async function began(app: TestApp, name: string): Promise<Seen> {
  return await settled(app, name, (seenIn(await app.call(`${name}.start`, {})) as Seen).id)
}

/** Answers until the run ends, fails, or waits for what there is no answer to. */
export async function goThrough(
  app: TestApp,
  name: string,
  from: Seen,
  answers: Readonly<Record<string, object | true>>,
): Promise<Seen> {
  let seen = from
  while (seen.state === 'waiting') {
    const answer = answers[seen.step]
    if (answer === undefined) break
    seenIn(await app.call(`${name}.answer-${seen.step}`, answerTo(seen, answer)))
    seen = await settled(app, name, seen.id)
  }
  return seen
}

/** `true` approves, and takes a form as it stands. */
export function answerTo({ id: run, step, steps }: Seen, answer: object | true): object {
  const proposed = steps.find(({ id }) => id === step)?.output as object | undefined
  return { ...(answer === true ? proposed : answer), run }
}

/** How a run stands once it does not work. */
export async function settled(app: TestApp, name: string, run: number): Promise<Seen> {
  for (;;) {
    const seen = seenIn(await app.call(`${name}.show`, { run, seconds: 20 })) as Seen
    if (seen.state !== 'running') return seen
  }
}

function seenIn(outcome: Outcome): unknown {
  if (outcome.status === 'done') return outcome.output
  if (outcome.status === 'invalid') throw new InvalidInput(outcome.messages)
  throw outcome.status === 'failed' ? outcome.error : new Error(`“${outcome.title}” waits for an approval.`)
}
