import { type Content, type Fields, localappError, type Messages, type Row } from '@localapp/core'

/** What a step is given: the output of the step before, and of every earlier one by its id. */
export interface Given<Input, All> {
  readonly input: Input
  readonly all: All
}

/** What work is given. */
export interface Work<Input, All> extends Given<Input, All> {
  /** Shows how far it is; call it as often as you like. */
  progress(done: number, total: number, note?: string): void
  /** Aborted when the time is over, when the step is stopped or reverted, and when the app ends. */
  readonly signal: AbortSignal
  /** A place for files of this run, in the app's data. Make it before you write there. */
  readonly folder: string
}

/** A form. Its output is what was filled in. */
export interface AskStep<F extends Fields> {
  readonly title: string
  /** A sentence above the form, for the user and for a model. */
  readonly help?: string
  readonly fields: F & { readonly run?: never }
  /** Looks at all fields together; a sentence for a field refuses the answer. */
  readonly check?: (output: Row<NoInfer<F>>) => Messages | undefined
}

/**
 * Work that needs nobody. Its output is stored as JSON: dates, maps and functions do not come back. What a restart has
 * cut off is begun again; what was cut off twice in a row, by a crash or a kill, has failed and waits for Retry.
 */
export interface RunStep<Input, All, Output> {
  readonly title: string
  /** How often it is tried again by itself: after 0.2 s, 0.4 s and so on, 10 s at most. Default 0. */
  readonly retries?: number
  /** After this time a try has failed: `'30s'`, `'2m'`. Default: never. */
  readonly timeout?: `${number}${'s' | 'm'}`
  readonly run: (work: Work<Input, All>) => Output | Promise<Output>
  /** How the page shows the output. Default: as JSON. It comes after `run`, so that its output is inferred. */
  readonly show?: (done: { readonly output: NoInfer<Output> }) => Content
}

/** The user looks, and says go on. Its output is its input. */
export interface ApproveStep<Input, All> {
  readonly title: string
  readonly show: (given: Given<Input, All>) => Content
}

/** A declared step, types erased. */
export type Step = { readonly id: string } & (
  | ({ readonly kind: 'ask' } & AskStep<Fields>)
  | ({ readonly kind: 'run' } & RunStep<unknown, unknown, unknown>)
  | ({ readonly kind: 'approve' } & ApproveStep<unknown, unknown>)
)

type With<All, Id extends string, Output> = { [K in keyof All | Id]: K extends keyof All ? All[K] : Output }

/** Steps in their order. Each method adds one, and knows what the earlier ones give. */
export interface Pipe<Input, All> {
  readonly steps: readonly Step[]
  ask<const Id extends string, F extends Fields>(
    id: Id,
    step: AskStep<F>,
  ): Pipe<Row<F>, With<All, Id, Row<F>>>
  run<const Id extends string, Output>(
    id: Id,
    step: RunStep<Input, All, Output>,
  ): Pipe<Output, With<All, Id, Output>>
  approve<const Id extends string>(id: Id, step: ApproveStep<Input, All>): Pipe<Input, With<All, Id, Input>>
}

/**
 * Begins the steps of a pipeline. Adding one throws `LOCALAPP_DECLARATION` where its id is taken.
 *
 * @example
 * ```ts
 * pipe()
 *   .ask('name', { title: 'Who are you?', fields: { name: t.text() } })
 *   .run('greeting', { title: 'Greet', run: ({ input }) => `Hello, ${input.name}` })
 * ```
 */
export function pipe(): Pipe<undefined, Record<never, never>> {
  return after([])
}

function after(steps: readonly Step[]): Pipe<undefined, Record<never, never>> {
  const adder = (kind: Step['kind']) => (id: string, step: object) => {
    if (steps.every((earlier) => earlier.id !== id))
      return after([...steps, { ...step, id, kind } as Step]) as never
    throw localappError(
      'LOCALAPP_DECLARATION',
      `The step “${id}” is declared twice.`,
      'Rename one of the two.',
    )
  }
  return { steps, ask: adder('ask'), run: adder('run'), approve: adder('approve') }
}
