import { type Fields, fastApp, Plugin, type PluginContext } from '@localapp/core'
import Todo from '../examples/home/plugins/10_todo.ts'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The key of a place in a manual order, as fractional-indexing writes whole numbers below 62³. */
function rankOf(place: number): string {
  const digit = (power: number): string => digits[Math.floor(place / 62 ** power) % 62] ?? ''
  return `c${digit(2)}${digit(1)}${digit(0)}`
}

/** Makes a workspace with so many todos, written by localapp itself. */
export async function makeData(folder: string, count: number): Promise<void> {
  class Fill extends Plugin {
    name = 'fill'
    setup({ app, started }: PluginContext): void {
      started(async () => {
        for (let first = 0; first < count; first += 5_000) {
          await app.write('fill', (tx) => {
            const todos = tx.table<Fields>(Todo.table)
            for (let i = first; i < Math.min(first + 5_000, count); i++) {
              todos.insert({
                title: `Task number ${i}`,
                notes: `Some notes on ${i}`,
                done: i % 2 === 0,
                due: '2026-11-23',
                tags: ['home', 'bench'],
                rank: rankOf(i),
              })
            }
          })
        }
      })
    }
  }
  const app = await fastApp({ plugins: [Todo, Fill], data: folder })
  await app.open()
  const rows = app.db.selectFrom('todo').select(({ fn }) => fn.countAll().as('count'))
  const { count: made } = await rows.executeTakeFirstOrThrow()
  await app.close()
  if (made !== count) throw new Error(`There are ${made} todos in place of ${count}.`)
}
