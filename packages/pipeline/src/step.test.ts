import { t } from '@localapp/core'
import { expect, expectTypeOf, test } from 'vitest'
import { pipe, type Step } from './step.ts'

test('input and all are inferred', () => {
  pipe()
    .ask('shops', { title: 'Shops', fields: { product: t.text(), urls: t.list(t.url()) } })
    .run('pages', {
      title: 'Read',
      async run({ input, all, signal }) {
        expectTypeOf(input).toEqualTypeOf<{ product: string; urls: string[] }>()
        expectTypeOf(all).toEqualTypeOf<{ shops: { product: string; urls: string[] } }>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        return { pages: [{ url: 'a', size: 1 }] }
      },
      show: ({ output }) => {
        expectTypeOf(output).toEqualTypeOf<{ pages: { url: string; size: number }[] }>()
        return output.pages.length
      },
    })
    .approve('right', {
      title: 'Right?',
      show: ({ input, all }) => {
        expectTypeOf(input).toEqualTypeOf<{ pages: { url: string; size: number }[] }>()
        expectTypeOf(all.shops.product).toEqualTypeOf<string>()
        // @ts-expect-error No step is called “shop”.
        void all.shop
        return null
      },
    })
    .run('end', {
      title: 'End',
      run: ({ input, all }) => {
        expectTypeOf(input).toEqualTypeOf(all.pages)
        expectTypeOf(all.right).toEqualTypeOf(all.pages)
      },
    })
})

test('an id that is taken, and a field that names the run, are refused', () => {
  const one = pipe().ask('one', { title: 'One', fields: {} })
  const twice = () => one.run('one', { title: 'One', run: () => 1 })
  expect(twice).toThrow('The step “one” is declared twice.')
  // @ts-expect-error The input of every action has a field “run” of its own.
  pipe().ask('two', { title: 'Two', fields: { run: t.text() } })
})

test('the example of the design: a model finds prices, and the user can edit what is approved', () => {
  pipe()
    .ask('shops', { title: 'Which shops?', fields: { product: t.text(), urls: t.list(t.url()) } })
    .run('pages', {
      title: 'Read the pages',
      retries: 3,
      timeout: '2m',
      async run({ input, progress, signal }) {
        const pages: { url: string; text: string }[] = []
        for (const [i, url] of input.urls.entries()) {
          const response = await fetch(url, { signal })
          pages.push({ url, text: await response.text() })
          progress(i + 1, input.urls.length, url)
        }
        return { pages }
      },
    })
    .llm('offers', {
      title: 'Find the prices',
      fields: { offers: t.list(t.obj({ shop: t.text(), price: t.number() })) },
      prompt: ({ input, all }) =>
        `Prices of ${all.shops.product}:\n${input.pages.map((page) => page.text).join('\n---\n')}`,
    })
    .approve('final', { title: 'Right?', editable: true, show: ({ input }) => input.offers })
    .run('end', {
      title: 'End',
      run: ({ input, all }) => {
        expectTypeOf(input).toEqualTypeOf<{ offers: { shop: string; price: number }[] }>()
        expectTypeOf(all.offers).toEqualTypeOf(input)
      },
    })
  pipe()
    .ask('one', { title: 'One', fields: { name: t.text() } })
    // @ts-expect-error A prompt knows what is there: there is no “nam”.
    .llm('two', { title: 'Two', fields: { name: t.text() }, prompt: ({ input }) => input.nam })
})

test('a function that returns a step is a kind of step, and fits where its input is given', () => {
  const upper = (title: string): Step<{ name: string }, unknown, { loud: string }> => ({
    title,
    run: ({ input }) => ({ loud: input.name.toUpperCase() }),
  })
  pipe()
    .ask('one', { title: 'One', fields: { name: t.text() }, defaults: () => ({ name: 'Ann' }) })
    .add('two', upper('Two'))
    .run('three', {
      title: 'Three',
      run: ({ input }) => {
        expectTypeOf(input).toEqualTypeOf<{ loud: string }>()
      },
    })
  const number = pipe().run('one', { title: 'One', run: () => 1 })
  // @ts-expect-error The step before gives no name.
  number.add('two', upper('Two'))
  // @ts-expect-error Work that asks gives what its fields give: it is an “ask”.
  number.run('two', { title: 'Two', run: () => 1, fields: { name: t.text() } })
})

test('an approval is editable where the step before has fields', () => {
  const number = pipe().run('one', { title: 'One', run: () => 1 })
  expect(() => number.approve('two', { title: 'Two', editable: true })).toThrow(
    '“two” cannot be editable: the step before has no fields.',
  )
})

test('what comes after a condition is given what was there before it, or what its steps gave', () => {
  pipe()
    .ask('one', { title: 'One', fields: { names: t.list(t.text()) } })
    .when(
      ({ input, all }) => input.names.length > all.one.names.length,
      (inner) =>
        inner.run('two', {
          title: 'Two',
          run: async ({ input, keep }) => {
            expectTypeOf(input).toEqualTypeOf<{ names: string[] }>()
            return await keep('key', () => input.names.length)
          },
        }),
    )
    .run('three', {
      title: 'Three',
      run: ({ input, all }) => {
        expectTypeOf(input).toEqualTypeOf<number | { names: string[] }>()
        expectTypeOf(all.one).toEqualTypeOf<{ names: string[] }>()
        expectTypeOf(all.two).toEqualTypeOf<number | undefined>()
      },
    })
  const named = pipe().run('one', { title: 'One', run: () => ({ name: '' }) })
  // @ts-expect-error There is no “nam”.
  named.when(({ input }) => input.nam === '', same)
})

const same = <Value>(value: Value): Value => value
