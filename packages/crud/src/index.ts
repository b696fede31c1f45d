export { t } from '@localapp/core'
export { type CrudBase, type CrudClass, type CrudOptions, CrudPlugin } from './crud.ts'
