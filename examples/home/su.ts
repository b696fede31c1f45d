import { fastApp } from '@localapp/core'
const app = await fastApp({ title: 'Home', plugins: ['./plugins/10_todo.ts'] })
await app.run()
