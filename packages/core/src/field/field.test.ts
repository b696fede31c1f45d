import { expect, expectTypeOf, test } from 'vitest'
import { decodeFields } from './decode.ts'
import { type Field, type Input, labelOf, partials, type Row, type ValueOf } from './field.ts'
import { t } from './t.ts'

const todo = {
  title: t.text({ max: 200, search: true }),
  notes: t.markdown({ search: true }),
  done: t.bool({ filter: true }),
  due: t.date({ optional: true, index: true }),
  priority: t.pick(['low', 'normal', 'high'], { default: 'normal' }),
  tags: t.tags(),
  offers: t.list(t.obj({ shop: t.text(), price: t.number({ optional: true }) })),
}

test('a row has every field, an optional one with null', () => {
  expectTypeOf<Row<typeof todo>>().toEqualTypeOf<{
    title: string
    notes: string
    done: boolean
    due: string | null
    priority: 'low' | 'normal' | 'high'
    tags: string[]
    offers: { shop: string; price: number | null }[]
  }>()
})

test('an input must have what is required alone', () => {
  expectTypeOf<Input<typeof todo>>().toEqualTypeOf<{
    title: string
    notes?: string
    done?: boolean
    due?: string | null
    priority?: 'low' | 'normal' | 'high'
    tags?: string[]
    offers?: { shop: string; price: number | null }[]
  }>()
})

test('each kind has its type and its requirement', () => {
  expectTypeOf(t.text()).toEqualTypeOf<Field<string, 'required'>>()
  expectTypeOf(t.text({ optional: true })).toEqualTypeOf<Field<string | null, 'optional'>>()
  expectTypeOf(t.text({ optional: false })).toEqualTypeOf<Field<string, 'required'>>()
  expectTypeOf(t.text({ default: 'a' })).toEqualTypeOf<Field<string, 'defaulted'>>()
  expectTypeOf(t.longText()).toEqualTypeOf<Field<string, 'defaulted'>>()
  expectTypeOf(t.longText({ min: 1 })).toEqualTypeOf<Field<string, 'required'>>()
  expectTypeOf(t.markdown({ optional: true })).toEqualTypeOf<Field<string | null, 'optional'>>()
  expectTypeOf(t.number({ min: 0 })).toEqualTypeOf<Field<number, 'required'>>()
  expectTypeOf(t.integer({ default: 1 })).toEqualTypeOf<Field<number, 'defaulted'>>()
  expectTypeOf(t.bool()).toEqualTypeOf<Field<boolean, 'defaulted'>>()
  expectTypeOf(t.date()).toEqualTypeOf<Field<string, 'required'>>()
  expectTypeOf(t.datetime({ optional: true })).toEqualTypeOf<Field<string | null, 'optional'>>()
  expectTypeOf(t.pick(['a', 'b'])).toEqualTypeOf<Field<'a' | 'b', 'required'>>()
  expectTypeOf(t.pick(['a', 'b'], { optional: true })).toEqualTypeOf<Field<'a' | 'b' | null, 'optional'>>()
  expectTypeOf(t.tags()).toEqualTypeOf<Field<string[], 'defaulted'>>()
  expectTypeOf(t.url()).toEqualTypeOf<Field<string, 'required'>>()
  expectTypeOf(t.email()).toEqualTypeOf<Field<string, 'required'>>()
  expectTypeOf(t.list(t.number())).toEqualTypeOf<Field<number[], 'defaulted'>>()
  expectTypeOf(t.list(t.url(), { min: 1 })).toEqualTypeOf<Field<string[], 'required'>>()
  expectTypeOf(t.list(t.pick(['a', 'b']))).toEqualTypeOf<Field<('a' | 'b')[], 'defaulted'>>()
  expectTypeOf(t.pick(['a', 'b'], { default: 'b' })).toEqualTypeOf<Field<'a' | 'b', 'defaulted'>>()
  expectTypeOf(t.list(t.text(), { optional: true })).toEqualTypeOf<Field<string[] | null, 'optional'>>()
  expectTypeOf(t.list(t.text(), { default: ['a'] })).toEqualTypeOf<Field<string[], 'defaulted'>>()
  expectTypeOf(t.tags({ default: ['a'] })).toEqualTypeOf<Field<string[], 'defaulted'>>()
  const one = { a: t.text() }
  expectTypeOf(t.obj(one, { optional: true })).toEqualTypeOf<Field<{ a: string } | null, 'optional'>>()
  expectTypeOf(t.obj(one, { default: { a: 'x' } })).toEqualTypeOf<Field<{ a: string }, 'defaulted'>>()
  t.obj({ a: t.list(t.text()) }, { default: { a: ['x'] } })
  expectTypeOf(t.obj({ a: t.list(t.obj({ b: t.bool() })) })).toEqualTypeOf<
    Field<{ a: { b: boolean }[] }, 'required'>
  >()
  expectTypeOf<ValueOf<Field<boolean>>>().toEqualTypeOf<boolean>()
})

test('what a kind is told at run time agrees with its type', () => {
  expect(t.text().requirement).toBe('required')
  expect(t.text({ optional: true }).requirement).toBe('optional')
  expect(t.text({ default: 'a' }).requirement).toBe('defaulted')
  expect(t.longText().requirement).toBe('defaulted')
  expect(t.longText({ min: 1 }).requirement).toBe('required')
  expect(t.tags({ optional: true }).requirement).toBe('optional')
  expect(t.bool().options.default).toBe(false)
  expect(t.tags({ optional: true }).options.default).toBeUndefined()
})

test('options that do not fit a kind are refused by types', () => {
  // @ts-expect-error not one of the choices
  expect(() => t.pick(['low', 'normal'], { default: 'x' })).toThrow('must be one of low, normal')
  // @ts-expect-error a misspelt option
  t.text({ max: 3, serach: true })
  // @ts-expect-error a bound that is no number
  t.text({ max: 'x' })
  // @ts-expect-error a yes or no is never empty
  t.bool({ optional: true })
  // @ts-expect-error a yes or no has no least value
  t.bool({ min: 1 })
  // @ts-expect-error long text is not indexed
  t.longText({ index: true })
  // @ts-expect-error what is null when left out has no default
  t.text({ optional: true, default: 'a' })
  // @ts-expect-error a default of another type
  expect(() => t.number({ default: '5' })).toThrow('must be a number')
  // @ts-expect-error the bounds of a date are dates
  t.date({ min: 5 })
  // @ts-expect-error an object has no length
  t.obj({ a: t.text() }, { max: 3 })
  // @ts-expect-error a list needs a kind
  expect(() => t.list()).toThrow()
  // @ts-expect-error a default with an unknown field
  expect(() => t.obj({ a: t.text() }, { default: { b: 'x' } })).toThrow('There is no field “b”')
})

test('a default that does not fit is found when the field is declared', () => {
  const declaration = expect.objectContaining({ code: 'LOCALAPP_DECLARATION' })
  expect(() => t.date({ default: '2026-02-30' })).toThrow(declaration)
  expect(() => t.text({ max: 3, default: 'long' })).toThrow(declaration)
  expect(() => t.list(t.integer(), { default: [1.5] })).toThrow('Row 1 of The default must be a whole number')
})

test('partial fields stay away when left out, and are decoded when given', () => {
  const fields = { ...partials(todo), id: t.integer() }
  expectTypeOf<Row<typeof fields>['id']>().toEqualTypeOf<number>()
  expectTypeOf<Pick<Row<typeof fields>, 'due' | 'priority'>>().toEqualTypeOf<{
    due?: string | null
    priority?: 'low' | 'normal' | 'high'
  }>()
  expect(decodeFields(fields, { id: 1, due: null }, 'json')).toEqual({
    ok: true,
    value: { id: 1, due: null },
  })
  expect(decodeFields(fields, { id: 1, title: '' }, 'json')).toEqual({
    ok: false,
    messages: { title: 'Title is required.' },
  })
  expect(fields.priority.schema().default).toBeUndefined()
  expect(todo.priority.schema().default).toBe('normal')
})

test('a label is made from the name, unless it is given', () => {
  expect(labelOf('dueDate', t.date())).toBe('Due date')
  expect(labelOf('due_date', t.date())).toBe('Due date')
  expect(labelOf('due', t.date({ label: 'Until' }))).toBe('Until')
})
