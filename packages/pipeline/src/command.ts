import type { Command, CommandContext, Outcome } from '@localapp/core'
import type { Seen, SeenStep } from './runs.ts'

/** `run <pipeline>`: one command for all pipelines, which every one of them brings. */
export const runCommand: Command = {
  name: 'run',
  usage: 'run <pipeline> [--json]',
  summary:
    'Starts a run and answers it from standard input, a line for each step that waits: a JSON object, or true to approve.',
  options: { json: { type: 'boolean', help: 'Prints what each step gives as a line of JSON.' } },
  confirmed: true,
  async run(context) {
    // Lines are lost unless someone listens from the first moment on.
    const lines = context.lines[Symbol.asyncIterator]()
    try {
      return await drive(context, lines)
    } finally {
      await lines.return?.()
    }
  },
}

/** Exit codes: 0 done, 1 failed, 2 an answer was refused, 3 the input ended before the run did. */
async function drive(context: CommandContext, lines: AsyncIterator<string>): Promise<number> {
  const { args, options, call, out, note } = context
  const name = String(args[0])
  const pipelines = await pipelinesOf(context)
  if (!pipelines.includes(name)) {
    note(`There is no pipeline “${args[0] ?? ''}”. There is: ${pipelines.join(', ')}.`)
    return 1
  }
  let outcome = await call(`${name}.start`, {})
  const printed = new Set<string>()
  let said = ''
  for (;;) {
    if (outcome.status !== 'done') return refused(outcome, note)
    const { run } = outcome.output as Seen
    const looked = await call(`${name}.wait`, { run, seconds: 1 })
    if (looked.status !== 'done') return refused(looked, note)
    const seen = looked.output as Seen
    for (const { id, title, state, output } of seen.steps) {
      if (state !== 'done') printed.delete(id)
      else if (!printed.has(id)) {
        printed.add(id)
        const text = JSON.stringify(output)
        out(options.json ? text : `${title}: ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`)
      }
    }
    const step = seen.steps.find(({ id }) => id === seen.step)
    if (!step || seen.state === 'done') return 0
    const goOn = `Go on at /${name}/${run} in the app.`
    if (seen.state === 'running') {
      const { done, total, note: words } = seen.progress
      const text = `${step.title}: ${total > 0 ? `${done} of ${total} ` : ''}${words}`
      if (text !== said) note(text)
      said = text
      continue
    }
    if (seen.state !== 'waiting') {
      note(`“${step.title}” ${seen.state}: ${seen.error} ${goOn}`)
      return 1
    }
    const line = await nextOf(lines)
    if (line === undefined) {
      note(`“${step.title}” waits, and there is no more input. ${goOn}`)
      return 3
    }
    const answer = answerOf(step, line)
    if (!answer) {
      note(
        `“${step.title}” takes ${step.kind === 'ask' ? 'a JSON object' : 'true'}, and this is not: ${line.slice(0, 200)}`,
      )
      return 2
    }
    const action = step.kind === 'ask' ? `answer-${step.id}` : 'approve'
    outcome = await call(`${name}.${action}`, { ...answer, run })
  }
}

async function pipelinesOf({ call }: CommandContext): Promise<string[]> {
  const outcome = await call('journal.actions', {})
  const actions = outcome.status === 'done' ? (outcome.output as { id: string }[]) : []
  return actions.flatMap(({ id }) => (id.endsWith('.wait') ? [id.slice(0, -'.wait'.length)] : []))
}

async function nextOf(lines: AsyncIterator<string>): Promise<string | undefined> {
  for (;;) {
    const { done, value } = await lines.next()
    if (done) return undefined
    if (value.trim() !== '') return value
  }
}

/** The input of the action that a line stands for; undefined when it is none. */
function answerOf({ id, kind }: SeenStep, line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (kind === 'ask') return isObject ? value : undefined
    return value === true || (isObject && Object.keys(value).length === 0) ? { step: id } : undefined
  } catch {
    return undefined
  }
}

function refused(outcome: Exclude<Outcome, { status: 'done' }>, note: (line: string) => void): number {
  if (outcome.status === 'invalid') {
    for (const [field, message] of Object.entries(outcome.messages)) note(`${field}: ${message}`)
    return 2
  }
  if (outcome.status === 'failed') note(`${outcome.error.message} ${outcome.error.fix}`)
  return 1
}
