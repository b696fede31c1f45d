import {
  type Content,
  type Fields,
  localappError,
  type Messages,
  type PluginContext,
  type Row,
} from '@localapp/core'
import { fillIn } from './llm.ts'

/** What a step is given: the output of the step before, and of every earlier one by its id. */
export interface Given<Input, All> {
  readonly input: Input
  readonly all: All
}

/** What work is given. */
export interface Work<Input = unknown, All = unknown> extends Given<Input, All> {
  /** Shows how far it is; call it as often as you like. */
  progress(done: number, total: number, note?: string): void
  /** Aborted when the time is over, when the step is stopped or reverted, and when the app ends. */
  readonly signal: AbortSignal
  /** A place for files of this run, in the app's data. Make it before you write there. */
  readonly folder: string
  /** Names this work to other programs: the same however often it is begun again, until the step is reverted. */
  readonly key: string
  /** Does something once: what it gives is kept by its key, as JSON, for when the work is begun again. */
  keep<T>(key: string, make: () => T | Promise<T>): Promise<T>
  /** What other plugins provide, such as `model`. */
  readonly service: PluginContext['service']
}

/** A step: work, then a person's word, or one of the two. A function that returns it is a kind of step. */
export interface Step<Input = unknown, All = unknown, Output = unknown, F extends Fields = Fields> {
  readonly title: string
  /** A sentence above the form, for the user and for a model. */
  readonly help?: string
  /**
   * Work that needs nobody. Its output is stored as JSON: dates, maps and functions do not come back. What a restart has
   * cut off is begun again; what was cut off twice in a row, by a crash or a kill, has failed and waits for Retry.
   */
  readonly run?: (work: Work<Input, All>) => Output | Promise<Output>
  /** Whether work that a restart has cut off begins again by itself; else it waits for Retry. Default true. */
  readonly resumes?: boolean
  /** How often work is tried again by itself: after 0.2 s, 0.4 s and so on, 10 s at most. Default 0. */
  readonly retries?: number
  /** After this time a try has failed: `'30s'`, `'2m'`. Default: never. */
  readonly timeout?: `${number}${'s' | 'm'}`
  /** A form. What `run` gave stands in it, and the output is what was filled in. */
  readonly fields?: F & { readonly run?: never }
  /** What stands in the form at first. */
  readonly defaults?: (given: Given<Input, All>) => Partial<Row<NoInfer<F>>>
  /** Looks at all fields together; a sentence for a field refuses the answer. */
  readonly check?: (output: Row<NoInfer<F>>) => Messages | undefined
  /** The user's own word: a model gets a card. Without `fields` its output is its input. Default false. */
  readonly approval?: boolean
  /** What the page shows; records become a table. Default: the output. It comes after `run`, which it is inferred from. */
  readonly show?: (
    done: Given<Input, All> & { readonly output: NoInfer<Output> },
  ) => Content | readonly object[]
}

/** A declared step. */
export type NamedStep = Step & {
  readonly id: string
  /** It is skipped unless each of these holds for what the first so many steps gave. */
  readonly when: readonly { readonly steps: number; holds(given: Given<unknown, unknown>): boolean }[]
}

type Next<All, Id extends string, Output> = Pipe<
  Output,
  { [K in keyof All | Id]: K extends keyof All ? All[K] : Output }
>

/** Steps in their order. Each method adds one, and knows what the earlier ones give. */
export interface Pipe<Input, All> {
  readonly steps: readonly NamedStep[]
  /** A step of any kind. */
  add<Id extends string, Output>(id: Id, step: Step<Input, All, Output>): Next<All, Id, Output>
  /** A form. */
  ask<Id extends string, F extends Fields>(
    id: Id,
    step: Step<Input, All, unknown, F> & { readonly fields: F },
  ): Next<All, Id, Row<F>>
  /** Work. */
  run<Id extends string, Output>(
    id: Id,
    step: Step<Input, All, Output> & { readonly run: object; readonly fields?: never },
  ): Next<All, Id, Output>
  /** A form that a model fills in; it is checked and mended. Without a model the user fills it in. */
  llm<Id extends string, F extends Fields>(
    id: Id,
    step: Step<Input, All, unknown, F> & {
      readonly fields: F
      readonly prompt: (given: Given<Input, All>) => string
    },
  ): Next<All, Id, Row<F>>
  /**
   * Steps that are skipped unless something `holds`. What comes after is given what the last step gave that was not
   * skipped.
   */
  when<Output, More>(
    holds: (given: Given<Input, All>) => boolean,
    add: (pipe: Pipe<Input, All>) => Pipe<Output, More>,
  ): Pipe<Input | Output, { [K in keyof More]: K extends keyof All ? All[K] : More[K] | undefined }>
  /** The user looks, and says go on. Its output is its input, which `editable` lets the user change. */
  approve<Id extends string>(
    id: Id,
    step: Step<Input, All, Input> & { readonly editable?: boolean },
  ): Next<All, Id, Input>
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

function after(
  steps: readonly NamedStep[],
  when: NamedStep['when'] = [],
): Pipe<undefined, Record<never, never>> {
  const add = (id: string, step: object) => {
    if (steps.some((earlier) => earlier.id === id))
      throw localappError(
        'LOCALAPP_DECLARATION',
        `The step “${id}” is declared twice.`,
        'Rename one of the two.',
      )
    return after([...steps, { ...(step as Step), id, when }], when) as never
  }
  return {
    steps,
    add,
    ask: add,
    run: add,
    llm: (id, step) =>
      add(id, { ...step, run: (work: Work<never, never>) => fillIn(step as never, step.prompt(work), work) }),
    when: (holds, add) =>
      after(
        add(after(steps, [...when, { steps: steps.length, holds } as never]) as never).steps,
        when,
      ) as never,
    approve(id, { editable, ...step }) {
      const { fields } = steps.at(-1) ?? {}
      if (editable && !fields)
        throw localappError(
          'LOCALAPP_DECLARATION',
          `“${id}” cannot be editable: the step before has no fields.`,
          'Ask for what can be changed.',
        )
      const defaults = ({ input }: Given<unknown, unknown>) => input
      return add(id, { ...step, approval: true, ...(editable && { fields, defaults }) })
    },
  }
}
