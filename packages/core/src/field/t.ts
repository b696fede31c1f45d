/** The kinds of field: `t.text()`, `t.pick(['low', 'high'])` … */
export * as t from './kinds.ts'
