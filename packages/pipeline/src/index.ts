export { t } from '@localapp/core'
export { type PipelineBase, type PipelineOptions, PipelinePlugin } from './pipeline.ts'
export {
  type ApproveStep,
  type AskStep,
  type Given,
  type Pipe,
  pipe,
  type RunStep,
  type Step,
  type Work,
} from './step.ts'
