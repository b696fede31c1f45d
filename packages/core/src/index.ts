/**
 * The framework: {@link fastApp}, the plugin host, fields, actions, HTML, storage and the command line.
 *
 * @packageDocumentation
 */
export * from './action/action.ts'
export type { CallOptions } from './action/call.ts'
export type { Journal, JournalEntry } from './action/journal.ts'
export { type App, type AppOptions, fastApp } from './app/app.ts'
export * from './error/error.ts'
export * from './field/decode.ts'
export * from './field/field.ts'
export {
  bad,
  defineKind,
  type Exactly,
  type FieldOf,
  good,
  type Kind,
  type Options,
} from './field/kind.ts'
export * from './field/schema.ts'
export { t } from './field/t.ts'
export type * from './html/attributes.ts'
export { type ElementFunction, element, type VoidElementFunction, voidElement } from './html/element.ts'
export * from './html/elements.ts'
export { type Content, escapeHtml, fragment, Html, isHtml, raw } from './html/html.ts'
export { type ActionFormOptions, actionButton, actionForm, callForm, fieldBlock } from './page/form.ts'
export type { EventStreams, TextEvent } from './page/stream.ts'
export type { PluginSource } from './plugin/find.ts'
export * from './plugin/plugin.ts'
export type { ParametersOf, Route, Routes } from './plugin/routes.ts'
export type { Database, RawRow } from './storage/connection.ts'
export type { Transaction } from './storage/storage.ts'
export {
  type Condition,
  defineTable,
  type RowChange,
  type Selection,
  type Stored,
  type Table,
  type TableReader,
  type TableWriter,
} from './storage/table.ts'
