import { decodeFields, type Fields, fieldsSchema, localappError, type Row } from '@localapp/core'
import type { Step, Work } from './step.ts'

const maxRepairs = 2

/** Lets the model fill in fields, in work of any kind. What they refuse goes back to it in words, twice. */
export async function fillIn<F extends Fields>(
  { fields, check }: Pick<Step<unknown, unknown, unknown, F>, 'check'> & { readonly fields: F },
  prompt: string,
  { service, progress, signal }: Pick<Work, 'service' | 'progress' | 'signal'>,
): Promise<Row<F>> {
  // As `@localapp/llm` provides it.
  const model = service<{ chat(request: object): AsyncIterable<{ type: string; text?: string }> }>('model')
  const byHand = 'Fill it in by hand, or retry.'
  if (!model) throw localappError('LOCALAPP_NOT_FOUND', 'There is no model: add assistant().', byHand)
  const schema = { ...fieldsSchema(fields), required: Object.keys(fields) }
  const content = `${prompt}\n\nAnswer in JSON alone, by this schema: ${JSON.stringify(schema)}`
  const messages = [{ role: 'user', content }]
  for (let repairs = 0; ; repairs++) {
    let text = ''
    for await (const event of model.chat({ messages, schema, signal })) {
      if (event.type === 'text') text += event.text
      progress(0, 0, `${text.length} characters`)
    }
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      answer = text // which is no fields
    }
    const decoded = decodeFields(fields, answer, 'json')
    const refused = decoded.ok ? check?.(decoded.value) : decoded.messages
    if (decoded.ok && !refused) return decoded.value
    const why = Object.values(refused ?? {}).join(' ')
    if (repairs === maxRepairs)
      throw localappError('LOCALAPP_INVALID', `The model did not get it right: ${why}`, byHand)
    messages.push(
      { role: 'assistant', content: text },
      { role: 'user', content: `${why} Answer again, with all of it.` },
    )
  }
}
