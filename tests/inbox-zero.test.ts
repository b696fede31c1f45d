import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { testApp } from '@localapp/core/testing'
import { assistant } from '@localapp/llm'
import { scripted } from '@localapp/llm/testing'
import { expect, onTestFinished, test } from 'vitest'
import InboxZero from '../examples/home/plugins/40_inbox_zero.ts'

interface Step<Output = unknown> {
  readonly output: Output
}

interface Seen {
  readonly state: string
  readonly step: string
  readonly steps: readonly Step[]
}

async function begun(answer: (prompt: string) => string) {
  const model = scripted(({ messages }) => ({ text: answer(messages.at(-1)?.content ?? '') }))
  const app = await testApp({ plugins: [assistant({ model }), InboxZero] })
  onTestFinished(() => app.close())
  const call = async (name: string, input: object = {}) => {
    const outcome = await app.call(`inbox-zero.${name}`, input)
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
    return outcome.output as Seen
  }
  await call('start')
  const folder = ((await call('show', { run: 1 })).steps[0] as Step<{ folder: string }>).output.folder
  await call('answer-folder', { run: 1, folder })
  return { call, folder, sorted: await call('show', { run: 1, seconds: 20 }) }
}

test('a model sorts each mail, the user changes the plan, and the files are moved', async () => {
  const { call, folder, sorted } = await begun((prompt) =>
    JSON.stringify({ to: prompt.includes('receipt') && !prompt.includes('News') ? 'archive' : 'answer' }),
  )
  expect(sorted).toMatchObject({ state: 'waiting', step: 'plan' })
  const { mails } = (sorted.steps[3] as Step<{ mails: { subject: string; to: string }[] }>).output
  expect(mails.map(({ subject, to }) => `${subject} ${to}`)).toEqual([
    'Lunch on Friday? answer',
    'Your receipt archive',
    'News of the week answer',
    'Can you look at this? answer',
  ])
  const plan = mails.map((mail) => (mail.subject.startsWith('News') ? { ...mail, to: 'read' } : mail))
  await call('answer-plan', { run: 1, mails: plan })
  expect(await call('show', { run: 1, seconds: 20 })).toMatchObject({ state: 'done' })
  expect(readdirSync(folder).sort()).toEqual(['answer', 'archive', 'read'])
  expect(existsSync(join(folder, 'archive/2.eml'))).toBe(true)
  expect(existsSync(join(folder, 'read/3.eml'))).toBe(true)
})

test('where no model answers, all of it waits for the user to sort', async () => {
  const { sorted } = await begun(() => 'Hm.')
  expect(sorted).toMatchObject({ state: 'waiting', step: 'plan' })
  const mail = { to: 'read' }
  expect(sorted.steps[3]?.output).toMatchObject({ mails: [mail, mail, mail, mail] })
})
