import { fastApp } from '@localapp/core'

const app = await fastApp({ title: 'Home', plugins: ['./plugins'] })
await app.run()
