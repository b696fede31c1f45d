export { t } from '@localapp/core'
export { fillIn } from './llm.ts'
export { type PipelineBase, type PipelineOptions, PipelinePlugin } from './pipeline.ts'
export { type Given, type NamedStep, type Pipe, pipe, type Step, type Work } from './step.ts'
