import {
  type Content,
  type Fields,
  localappError,
  type Messages,
  namePattern,
  type Row,
} from '@localapp/core'

/** The type itself, with `never` in place of what JSON does not hold. */
type Json<T> = T extends
  | bigint
  | symbol
  | Date
  | RegExp
  | ((...given: never) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  ? never
  : { [K in keyof T]: Json<T[K]> }

/** `Then`, unless an output would not come back from the store as it was: no step can follow that one. */
type IfStorable<Output, Then> = Output extends Json<Output> ? Then : 'The output holds what JSON does not.'

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
  /** Where files of this run may be kept, inside the app's data. Make it before you write there. */
  readonly folder: string
}

/** A form. Its output is what was filled in. */
export interface AskStep<F extends Fields> {
  readonly title: string
  /** A sentence above the form, for the user and for a model. */
  readonly help?: string
  /** Any but `run`. */
  readonly fields: F
  /** Looks at all fields together; a sentence for a field refuses the answer. */
  readonly check?: (output: Row<NoInfer<F>>) => Messages | undefined
  /** How the page shows the output. Default: each field with its value. */
  readonly show?: (done: { readonly output: Row<NoInfer<F>> }) => Content
}

/** Work that needs nobody. Its output is JSON. It may run again after a restart, so that it should bear that. */
export interface RunStep<Input, All, Output> {
  readonly title: string
  /** How often it is tried again by itself, after 0.2 s, 0.4 s and so on up to 10 s. Default 0. */
  readonly retries?: number
  /** After this time a try has failed: `'30s'`, `'2m'` or milliseconds. Default: never. */
  readonly timeout?: number | `${number}${'s' | 'm'}`
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

/** Refuses an id that an earlier step has, by its type. */
type NewId<Id extends string, All> = Id extends keyof All ? `There is a step “${Id}” already.` : Id
type With<All, Id extends string, Output> = { [K in keyof All | Id]: K extends keyof All ? All[K] : Output }

/** Steps in their order. Each method adds one, and knows what the earlier ones give. */
export interface Pipe<Input, All> {
  readonly steps: readonly Step[]
  ask<const Id extends string, F extends Fields>(
    id: Id & NewId<Id, All>,
    step: AskStep<F>,
  ): Pipe<Row<F>, With<All, Id, Row<F>>>
  run<const Id extends string, Output>(
    id: Id & NewId<Id, All>,
    step: RunStep<Input, All, Output>,
  ): IfStorable<Output, Pipe<Output, With<All, Id, Output>>>
  approve<const Id extends string>(
    id: Id & NewId<Id, All>,
    step: ApproveStep<Input, All>,
  ): Pipe<Input, With<All, Id, Input>>
}

/**
 * Begins the steps of a pipeline. An id is lower-case letters, digits and dashes. Adding a step throws
 * `LOCALAPP_DECLARATION` for an id that is taken or cannot stand in an address, and for a time that is none.
 *
 * @example
 * ```ts
 * pipe()
 *   .ask('name', { title: 'Who are you?', fields: { name: t.text() } })
 *   .run('greeting', { title: 'Greet', run: ({ input }) => `Hello, ${input.name}` })
 * ```
 */
export function pipe(): Pipe<undefined, Record<never, never>> {
  return pipeOf([])
}

function pipeOf(steps: readonly Step[]): Pipe<undefined, Record<never, never>> {
  const adder = (kind: Step['kind']) => (id: string, step: object) => {
    const added = { ...step, id, kind } as Step
    expectSound(added, steps)
    return pipeOf([...steps, added]) as never
  }
  return { steps, ask: adder('ask'), run: adder('run'), approve: adder('approve') }
}

function expectSound(step: Step, earlier: readonly Step[]): void {
  const refuse = (what: string, fix: string): never => {
    throw localappError('LOCALAPP_DECLARATION', `The step “${step.id}” ${what}.`, fix)
  }
  if (!namePattern.test(step.id))
    refuse(
      'has an id that cannot stand in an address',
      'Use lower-case letters, digits and dashes, a letter first.',
    )
  if (earlier.some(({ id }) => id === step.id)) refuse('is declared twice', 'Give one of the two another id.')
  if (step.kind === 'ask' && 'run' in step.fields)
    refuse('has a field “run”, which names the run itself', 'Give the field another name.')
  if (step.kind === 'run' && step.timeout !== undefined && !(milliseconds(step.timeout) > 0))
    refuse(`has the timeout “${step.timeout}”`, "Write '30s', '2m' or milliseconds.")
}

/** A time-out in milliseconds; NaN for one that is none. */
export function milliseconds(time: number | string): number {
  if (typeof time === 'number') return time
  const [, amount, unit] = /^([\d.]+)([sm])$/.exec(time) ?? []
  return Number(amount) * (unit === 'm' ? 60_000 : 1_000)
}
