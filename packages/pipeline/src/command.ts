import { type Command, localappError } from '@localapp/core'
import { sayProgress } from './run.ts'
import type { Seen } from './runs.ts'

/** `run <pipeline>`. Exit codes: 0 done, 1 failed, 2 an answer was refused, 3 the input ended before the run did. */
export const runCommand: Command = {
  name: 'run',
  usage: 'run <pipeline> [--json]',
  summary:
    'Starts a run. A step that waits takes a line of standard input: a JSON object, or true to approve.',
  options: { json: { type: 'boolean', help: 'Prints what each step gives, as a line of JSON.' } },
  confirmed: true,
  async run({ args: [name = ''], options, lines, call, out, note, report }) {
    const input = lines[Symbol.asyncIterator]()
    const printed = new Set<string>()
    let goOn = ''
    const go = async (action: string, given: object) => {
      const outcome = await call(`${name}.${action}`, given)
      if (outcome.status !== 'done') return outcome
      const { id: run } = outcome.output as Seen
      goOn = `The run goes on at /${name}/${run} in the app.`
      return await call(`${name}.show`, { run, seconds: 1 })
    }
    let outcome = await go('start', {})
    while (outcome.status === 'done') {
      const { id: run, state, step, steps, progress, error } = outcome.output as Seen
      for (const { id, title, state, output } of steps) {
        if (state !== 'done' || printed.has(id)) continue
        printed.add(id)
        out(options.json ? JSON.stringify(output) : `✓ ${title}`)
      }
      const { title, output } = steps.find(({ id }) => id === step) ?? {}
      if (state === 'done') return 0
      if (state === 'running') {
        note(`${title}: ${sayProgress(progress)}`)
        outcome = await go('show', { run })
        continue
      }
      if (state !== 'waiting')
        throw localappError('LOCALAPP_ACTION_FAILED', `“${title}” ${state}: ${error}`, goOn)
      const { value: line } = await input.next()
      if (line === undefined) {
        note(`“${title}” waits, and the input has ended. ${goOn}`)
        return 3
      }
      const answer = answerOf(line, output as object)
      if (answer === undefined) {
        note(`“${title}” takes a JSON object, or true, and got: ${line}\n${goOn}`)
        return 2
      }
      outcome = await go(`answer-${step}`, { ...answer, run })
    }
    if (outcome.status === 'failed') throw outcome.error
    const code = report(outcome)
    note(goOn)
    return code
  },
}

/** `true` approves, and takes a form as it stands. */
function answerOf(line: string, proposed = {}): object | undefined {
  try {
    const answer = JSON.parse(line)
    if (answer === true) return proposed
    return answer?.constructor === Object ? answer : undefined
  } catch {
    return undefined
  }
}
