import { t } from '@localapp/core'
import { expect, expectTypeOf, test } from 'vitest'
import { pipe } from './step.ts'

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
