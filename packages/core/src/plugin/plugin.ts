import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Action, ActionDeclaration, Effect, Outcome } from '../action/action.ts'
import type { CallOptions } from '../action/call.ts'
import type { Journal } from '../action/journal.ts'
import type { LocalappError } from '../error/error.ts'
import type { Fields } from '../field/field.ts'
import type { Content, Html } from '../html/html.ts'
import type { EventStreams } from '../page/stream.ts'
import type { Database } from '../storage/connection.ts'
import type { Transaction } from '../storage/storage.ts'
import type { Table, TableReader } from '../storage/table.ts'
import type { Routes } from './routes.ts'

const brand = Symbol.for('localapp.plugin')

/**
 * A plugin: it contributes actions, pages and tables. `CrudPlugin` and `PipelinePlugin` are two that do most of it.
 *
 * @example
 * ```ts
 * export default class Hello extends Plugin {
 *   name = 'hello'
 *   setup({ page }: PluginContext) {
 *     page('/', () => h1('Hello'))
 *   }
 * }
 * ```
 */
export abstract class Plugin {
  static {
    Object.defineProperty(Plugin.prototype, brand, { value: true })
  }
  /** Its address and the first part of its actions' ids: lower-case letters, digits and dashes. */
  abstract readonly name: string
  /** What the menu shows, and a page without an `h1`. Default: made from the name. */
  readonly title?: string
  /** What a model should know to use this plugin well, in a few sentences. */
  readonly advice?: string
  /** Commands of the command line. They reach the app by calling actions, so they work beside a server too. */
  readonly commands?: readonly Command[]
  /** Declares everything else that the plugin contributes. */
  abstract setup(context: PluginContext): void | Promise<void>
  /** Ends what the plugin has begun: timers, connections. */
  close?(): void | Promise<void>
}

/** Tells whether a value is a {@link Plugin}, also one that extends another copy of this package. */
export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && brand in value
}

/** A plugin of the app, and what became of it. */
export interface HostedPlugin {
  /** Its name, or its file where it could not be loaded far enough to have one. */
  readonly name: string
  readonly title: string
  /** Undefined where the app made it itself. */
  readonly file: string | undefined
  readonly state: 'loaded' | 'failed' | 'migration failed'
  readonly error?: LocalappError | undefined
  /** `file:line` of what failed. */
  readonly place?: string | undefined
  /** The plugin itself, where it runs. */
  readonly plugin?: Plugin | undefined
  readonly searches: readonly Search[]
}

/** A link of the menu. */
export interface MenuEntry {
  readonly title: string
  readonly href: string
}

/** What a plugin puts into a place. */
export interface Filling {
  readonly title: string
  readonly content: Content
}

/** What a page is asked with. */
export interface PageRequest {
  readonly url: URL
  /** What stands for `:id` and the like in the path. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** htmx asks for a part of the page: the answer goes without the shell. */
  readonly partial: boolean
  /**
   * A part of the page that shows `topics`: names of tables and plugins. Every open tab fetches it again from this
   * page's address when one of them is announced.
   */
  region(id: string, topics: readonly string[], render: () => Content | Promise<Content>): Promise<Html>
  /** What plugins put into a place, with their titles. One that throws is an error there, and nowhere else. */
  slot(place: string): Promise<Filling[]>
}

/** Makes a page: a function of what is in the database. */
export type PageHandler = (request: PageRequest) => Content | Promise<Content>

/** What a search found. */
export interface SearchResult {
  readonly title: string
  readonly href: string
  readonly detail?: string
}

/** Finds what holds a text. */
export type Search = (text: string) => readonly SearchResult[] | Promise<readonly SearchResult[]>

/** The actions of the app, and the one way to run them. */
export interface Actions {
  list(): readonly Action[]
  get(id: string): Action | undefined
  /** Never throws: what goes wrong is an outcome. */
  call(id: string, input: unknown, options: CallOptions): Promise<Outcome>
}

/** The app as its plugins see it. */
export interface AppHandle {
  readonly title: string
  /** Declares pages at any address of the app, in `setup`: `/` or `/-/journal`. */
  readonly rt: Routes
  /** Reads what is committed; writes go through actions. */
  readonly db: Kysely<Database>
  readonly actions: Actions
  readonly journal: Journal
  readonly streams: EventStreams
  /** Where plugins keep files of this workspace, such as `data/home`; it may not be there yet. */
  readonly dataFolder: string
  reader<F extends Fields>(table: Table<F>): TableReader<F>
  /**
   * Writes what the journal does not tell of, such as the progress of work, in one transaction; what the user may
   * want to undo goes through an action. Nothing is announced.
   */
  write<T>(name: string, work: (tx: Transaction) => T | Promise<T>): Promise<T>
  /** Copies the data, as it is committed, to a file beside it; returns its path. The reason stands in the name. */
  backup(reason: string): Promise<string>
  /** Tells every open page that these tables or plugins have changed. */
  announce(topics: readonly string[]): void
  /**
   * Runs after each commit, an undo's too, with the names of the tables and plugins that changed; `localapp_approval`
   * when a call was asked for or answered, which its journal entry tells.
   */
  onChanged(listener: (topics: readonly string[]) => void): void
  /** All plugins in their order, those that failed among them. */
  plugins(): readonly HostedPlugin[]
  menu(): readonly MenuEntry[]
  /** Bearer keys by plugin: each lets programs in to its routes alone. */
  readonly keys: Map<string, string>
  /** Listens, on any port where its own is taken. */
  listen(): Promise<unknown>
}

/** What a command is given. */
export interface CommandContext {
  /** What stood after the command, without the options. */
  readonly args: readonly string[]
  /** `--name value`, `--name=value` and `--name` (true). */
  readonly options: Readonly<Record<string, string | boolean>>
  /** The lines of standard input; empty at a terminal. */
  readonly lines: AsyncIterable<string>
  /** Runs an action here, or in the server that owns the data. */
  call(id: string, input: unknown): Promise<Outcome>
  /** Writes a line of data on standard output. */
  out(line: string): void
  /** Writes a line for the person on standard error. */
  note(line: string): void
  /** Says what became of a call, a list as a line for each. Returns the exit code: 0 done, 1 failed, 2 invalid, 3 waits. */
  report(outcome: Outcome): number
}

/** An option of a command: `--name value`, or `--name` alone. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly help: string
}

/** A command of the command line. Where two plugins bring the same name, the first one's runs. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** As in `run <pipeline> [--json]`. */
  readonly usage: string
  /** The options that it takes beside `--data`, `--yes` and `--help`; others are refused. */
  readonly options?: Readonly<Record<string, CommandOption>>
  /** To run it is the user's word for all that it calls, so that it may stand in a pipe. Default false. */
  readonly confirmed?: boolean
  /** Returns the exit code; 0 or nothing when all went well. */
  run(context: CommandContext): Promise<number | undefined> | number | undefined
}

/** What `setup` is given. */
export interface PluginContext {
  /** A page at `/<plugin><path>`; `:id` in the path is a parameter. `/` stands in the menu. */
  page(path: string, handler: PageHandler): void
  action<F extends Fields = Record<never, never>, E extends Effect = Effect, Output = unknown>(
    name: string,
    declaration: ActionDeclaration<F, E, Output>,
  ): Action
  /** A table called after the plugin: `<plugin>`, or `<plugin>_<name>`. It follows its fields by itself. */
  table<F extends Fields>(name: string, fields: F): Table<F>
  /** Kysely migrations for tables of other shapes, run once each, in the order of their names. */
  migrations(migrations: Record<string, Migration>): void
  /** Contributes to the search over all plugins. */
  search(find: Search): void
  /**
   * Puts something into a place of other pages: `panel` is the side panel of every page, `header` its header, and
   * plugins have places of their own, which they fill by `request.slot`.
   */
  slot(place: string, render: PageHandler): void
  /** Adds a link to the menu, beside the one that `page('/')` adds. */
  menu(title: string, href: string): void
  /** Offers something to other plugins. */
  provide(name: string, service: unknown): void
  /** What another plugin offers; ask in `started`, when all are there. */
  service<T>(name: string): T | undefined
  /** Runs when all plugins are loaded and their tables are there. */
  started(work: () => void | Promise<void>): void
  /** Routes of the plugin's own, all under `/<plugin>`. */
  readonly fastify: FastifyInstance
  readonly app: AppHandle
}
