/**
 * Front-end modules of the anywidget contract in pages and steps: {@link widget}.
 *
 * @packageDocumentation
 */
export { type JsonOptions, json } from './kinds.ts'
export {
  type StateFields,
  type Widget,
  type WidgetDeclaration,
  type WidgetOptions,
  widget,
} from './widget.ts'
