import { inWords, Plugin, type PluginContext } from '@localapp/core'
import { declareActions } from './actions.ts'
import { runCommand } from './command.ts'
import { type Engine, openEngine } from './engine.ts'
import { declarePages } from './page.ts'
import { openRuns } from './runs.ts'
import type { NamedStep } from './step.ts'

/** What a pipeline is made from. */
export interface PipelineOptions {
  /** The address, and the first part of the tables' names and the actions' ids. */
  readonly name: string
  /** What the menu and the page are called. Default: the name in words. */
  readonly title?: string
  /** What a model should know to use it well. */
  readonly advice?: string
  /** Made by `pipe()`. */
  readonly steps: { readonly steps: readonly NamedStep[] }
}

/** An instance of the class that {@link PipelinePlugin} returns, to be extended. */
export interface PipelineBase extends Plugin {
  readonly name: string
  readonly title: string
  setup(context: PluginContext): void
}

/**
 * Steps that are gone through in runs: they ask, work by themselves, or want a person's word. What each gives is stored
 * before the next begins, so that a run goes on after a restart. With them go actions, a list of the runs, a page for
 * each that follows live, and the command `run`.
 */
export function PipelinePlugin(options: PipelineOptions): new () => PipelineBase {
  const { name, advice = '', steps } = options
  const title = options.title ?? inWords(name)
  return class extends Plugin {
    override readonly name = name
    override readonly title = title
    override readonly advice = advice
    override readonly commands = [runCommand]
    #engine: Engine | undefined

    override setup(context: PluginContext): void {
      const engine = openEngine(context, name, openRuns(context, title, steps.steps))
      declarePages(context, engine, declareActions(context, engine))
      context.started(engine.open)
      this.#engine = engine
    }

    override async close(): Promise<void> {
      await this.#engine?.close()
    }
  }
}
