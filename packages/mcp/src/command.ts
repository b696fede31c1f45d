import { randomUUID } from 'node:crypto'
import type { Command } from '@localapp/core'
import { type Message, parseMessage, refusalAnswer } from './message.ts'

/**
 * MCP over stdio: a line is a message. It only carries them to the app, here or in the server that owns the data,
 * and `confirmed` is for the carrying alone: what they ask for is asked by a program.
 */
export const command: Command = {
  name: 'mcp',
  usage: 'mcp',
  summary: 'Speaks MCP on standard input and output. The page /mcp of the app says what to tell a client.',
  confirmed: true,
  async run({ lines, call, out }) {
    const session = randomUUID()
    const answer = async (text: string): Promise<void> => {
      let message: Message | undefined
      try {
        message = parseMessage(text)
        const outcome = await call('mcp.message', { text, session })
        if (outcome.status === 'failed') throw outcome.error
        if (outcome.status === 'done' && outcome.output) out(JSON.stringify(outcome.output))
      } catch (thrown) {
        out(JSON.stringify(refusalAnswer(thrown, message?.id)))
      }
    }
    let answered: Promise<unknown> | undefined
    for await (const line of lines) if (line.trim()) answered = Promise.all([answered, answer(line)])
    await answered
    return 0
  },
}
