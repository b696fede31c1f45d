import { expect, test } from 'vitest'
import { fieldsSchema } from './schema.ts'
import { t } from './t.ts'

test('what a model sees: strict, with words, enums, formats, lengths and defaults', () => {
  const schema = fieldsSchema({
    title: t.text({ max: 200, help: 'What is to be done.' }),
    notes: t.markdown(),
    due: t.date({ optional: true }),
    priority: t.pick(['low', 'high'], { default: 'low' }),
    level: t.pick(['a'], { optional: true }),
    tags: t.tags({ max: 9 }),
    offers: t.list(t.obj({ shop: t.url(), at: t.datetime(), sold: t.bool() }), { min: 1 }),
  })
  expect(JSON.parse(JSON.stringify(schema))).toEqual({
    type: 'object',
    additionalProperties: false,
    required: ['title', 'offers'],
    properties: {
      title: { type: 'string', maxLength: 200, description: 'What is to be done.' },
      notes: { type: 'string', default: '' },
      due: { type: ['string', 'null'], format: 'date' },
      priority: { type: 'string', enum: ['low', 'high'], default: 'low' },
      level: { type: ['string', 'null'], enum: ['a', null] },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 9, default: [] },
      offers: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['shop', 'at'],
          properties: {
            shop: { type: 'string', format: 'uri' },
            at: { type: 'string', format: 'date-time' },
            sold: { type: 'boolean', default: false },
          },
        },
      },
    },
  })
})

test('lengths that llama.cpp refuses are kept from it', () => {
  expect(t.text({ max: 1_999 }).schema().maxLength).toBe(1_999)
  expect(t.text({ max: 2_000 }).schema().maxLength).toBeUndefined()
  expect(t.text().schema().maxLength).toBeUndefined()
  expect(t.longText({ min: 2_000 }).schema().minLength).toBeUndefined()
  const offers = t.obj({ all: t.list(t.text(), { max: 2_000 }), few: t.tags({ max: 1_999 }) })
  expect(t.list(offers, { min: 2_000 }).schema()).toMatchObject({
    minItems: undefined,
    items: { properties: { all: { maxItems: undefined }, few: { maxItems: 1_999 } } },
  })
  expect(t.integer({ min: 2_000, max: 3_000 }).schema()).toMatchObject({ minimum: 2_000, maximum: 3_000 })
})
