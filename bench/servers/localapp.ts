/** The app of the bench: Todo as the example has it, with every guarantee on. */
import { dirname } from 'node:path'
import { argv } from 'node:process'
import { fastApp } from '@localapp/core'
import Todo from '../../examples/home/plugins/10_todo.ts'

const [, , file = ''] = argv
const app = await fastApp({ title: 'Bench', plugins: [Todo], data: dirname(file) })
await app.run(['start', '--no-open', '--port', '0'])
